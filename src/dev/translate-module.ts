/** A phrasebook small enough to read, so that the demo's priced action does real work. */
const PHRASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  hello: { en: "hello", de: "hallo", fr: "bonjour", es: "hola" },
  world: { en: "world", de: "welt", fr: "monde", es: "mundo" },
  good: { en: "good", de: "gut", fr: "bon", es: "bueno" },
  morning: { en: "morning", de: "morgen", fr: "matin", es: "mañana" },
  thank: { en: "thanks", de: "danke", fr: "merci", es: "gracias" },
  agent: { en: "agent", de: "agent", fr: "agent", es: "agente" },
  zone: { en: "zone", de: "zone", fr: "zone", es: "zona" },
  money: { en: "money", de: "geld", fr: "argent", es: "dinero" },
};

interface TranslateParams {
  readonly text: string;
  readonly source_lang: string;
  readonly target_lang: string;
}

/** Translates word by word; words that are not in the phrasebook stay as they are. */
export default function translate(invocation: { readonly params: TranslateParams }): {
  readonly text: string;
  readonly source_lang: string;
  readonly target_lang: string;
  readonly unknown_words: readonly string[];
} {
  const { text, source_lang, target_lang } = invocation.params;
  const unknown: string[] = [];
  const translated = text.replace(/\p{L}+/gu, (word) => {
    const row = Object.values(PHRASES).find((entry) => entry[source_lang] === word.toLowerCase());
    const found = row?.[target_lang];
    if (found === undefined) unknown.push(word);
    return found ?? word;
  });
  return { text: translated, source_lang, target_lang, unknown_words: unknown };
}
