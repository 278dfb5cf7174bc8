import type { LinkPort, LinkSession, SentBody } from "./link-port.ts";

/** The open sessions with other stewards, by node id. */
export class LinkTable implements LinkPort {
  private readonly sessions = new Map<string, readonly LinkSession[]>();

  /** Adds a session that is open, as the newest of its node. */
  add(link: LinkSession): void {
    this.sessions.set(link.nodeId, [...this.listOf(link.nodeId), link]);
  }

  /** Forgets a session that is over. */
  remove(link: LinkSession): void {
    const left = this.listOf(link.nodeId).filter((other) => other !== link);
    if (left.length === 0) this.sessions.delete(link.nodeId);
    else this.sessions.set(link.nodeId, left);
  }

  /** A node's sessions, oldest first. */
  listOf(nodeId: string): readonly LinkSession[] {
    return this.sessions.get(nodeId) ?? [];
  }

  /** All sessions. */
  list(): readonly LinkSession[] {
    return [...this.sessions.values()].flat();
  }

  find(nodeId: string): LinkSession | undefined {
    return this.listOf(nodeId).findLast(({ isDialed, isOpen }) => isDialed && isOpen);
  }

  findAny(nodeId: string): LinkSession | undefined {
    return this.find(nodeId) ?? this.listOf(nodeId).findLast(({ isOpen }) => isOpen);
  }

  send(nodeId: string, body: SentBody, replyTo?: string): boolean {
    const link = this.findAny(nodeId);
    link?.send(body, replyTo);
    return link !== undefined;
  }

  isOpen(nodeId: string): boolean {
    return this.listOf(nodeId).some(({ isOpen }) => isOpen);
  }

  bufferedBytes(nodeId: string): number {
    return Math.max(0, ...this.listOf(nodeId).map((link) => link.bufferedBytes));
  }
}
