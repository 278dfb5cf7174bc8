/** Runs the main job end to end. */
export async function runDemo(): Promise<void> {}
