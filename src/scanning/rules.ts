import { type Rule, toPlaces } from "./rule.ts";
import type { ThreatType } from "./threats.ts";

/** Words before a phrase in which a negation takes it back. */
const NEAR = 2;
/** For what people are warned of: "support never asks you to send your seed phrase". */
const FAR = 7;

const IGNORE = "ignore disregard forget";
const EARLIER = "previous prior above earlier preceding foregoing former";
const ORDERS = "instructions instruction prompt prompts directives directive programming";
const SOFT_ORDERS = "rules rule guidelines guideline commands command orders context directions";
const FREED = "unrestricted unfiltered uncensored jailbroken amoral unaligned";
const AI = "ai assistant model llm chatbot bot agent persona character";
const CHECKS =
  "safety ethical ethics moral morals morality content moderation alignment censorship guardrail";
const BOUNDS =
  "restrictions restriction filters filter guidelines constraints guardrails protocols programming training policies policy";
const DROP =
  "ignore bypass disable remove drop lift disregard abandon suspend circumvent deactivate override";
const SHOW =
  "reveal print show output display disclose repeat tell give leak dump expose recite share write";
const ASK = "send give tell share dm paste reveal provide email message post show";
const SECRETS = "credentials secrets passwords passphrases cookies mnemonics";

type Row = readonly [
  name: string,
  confidence: number,
  negatedWithin: number,
  ...phrases: readonly string[],
];

const PROMPT_INJECTION: readonly Row[] = [
  ["ignore-instructions", 0.95, NEAR, `${IGNORE} |4 ${EARLIER} |3 ${ORDERS}`],
  ["ignore-system-prompt", 0.9, NEAR, `${IGNORE} |3 system original initial |2 ${ORDERS}`],
  ["ignore-your-instructions", 0.9, NEAR, `${IGNORE} |3 your |2 ${ORDERS}`],
  ["ignore-instructions-given", 0.9, NEAR, `${IGNORE} |3 ${ORDERS} |4 above before earlier given`],
  ["ignore-rules", 0.65, NEAR, `${IGNORE} override |4 ${EARLIER} |3 ${SOFT_ORDERS}`],
  ["ignore-all-your-rules", 0.85, NEAR, `${IGNORE} |1 all any every |2 your |2 ${SOFT_ORDERS}`],
  [
    "override-instructions",
    0.85,
    NEAR,
    `override overwrite bypass discard cancel void supersede replace |3 ${EARLIER} |3 ${ORDERS}`,
    `override overwrite bypass discard cancel void supersede replace |2 your |2 ${ORDERS}`,
  ],
  [
    "forget-everything-told",
    0.9,
    NEAR,
    `${IGNORE} |2 everything anything all |3 told said learned taught instructed |3 before previously above earlier you`,
    `${IGNORE} |1 everything all |2 you |2 told taught instructed know knew learned`,
  ],
  [
    "ignore-above-and",
    0.9,
    NEAR,
    `${IGNORE} |2 everything all text |3 above before |3 and instead |1 instead output print say reply respond write return answer obey execute follow`,
  ],
  [
    "new-instructions",
    0.85,
    0,
    "your |1 new real actual true |1 instructions directive directives",
  ],
  [
    "new-instructions-follow",
    0.85,
    0,
    "new updated revised |1 system |1 instructions instruction prompt directive directives",
    "following these |3 instructions |4 instead |5 previous earlier prior system original",
    "instead |1 of |3 previous earlier prior system original |2 instructions prompt |1 follow obey execute",
  ],
  ["from-now-on-obey", 0.85, NEAR, "from |1 now |1 on |4 obey disobey comply pretend roleplay"],
  ["your-new-role", 0.6, 0, "your |1 new real |1 task role goal objective purpose |2 is"],
  ["chat-marker", 0.9, 0, "|im_start| |start_header_id| |2 system user assistant", "<<sys>> <sys>"],
  [
    "instruction-marker",
    0.85,
    0,
    "[inst] [/inst] [system_prompt]",
    "/system> |3 new ignore you user",
  ],
  [
    "stop-following",
    0.85,
    NEAR,
    "stop cease quit |1 following obeying |3 your |3 instructions rules guidelines directives prompt",
  ],
  [
    "do-not-follow",
    0.7,
    0,
    "not dont |1 follow obey |3 your previous system original |2 instructions rules guidelines prompt",
  ],
  [
    "if-you-are-an-ai",
    0.85,
    0,
    "if |1 you |2 are |4 ai llm bot assistant model |4 reading processing summarizing analyzing parsing",
    "ai llm chatbot assistants bots models |2 reading processing summarizing parsing indexing |3 this |8 must should ignore follow execute include recommend",
    "attention note message instructions instruction |2 to for |2 ai llm chatbot assistants |6 ignore disregard follow execute reply approve",
  ],
  [
    "decode-and-obey",
    0.85,
    0,
    "decode decrypt deobfuscate |4 base64 rot13 hex morse |6 follow obey |4 instructions instruction commands it them",
  ],
  [
    "system-override",
    0.75,
    0,
    "system admin administrator developer security |1 override |3 code mode enabled engaged activated accepted",
    "begin start end |2 system |1 prompt instructions",
  ],
  [
    "treat-as-system",
    0.85,
    NEAR,
    "treat consider regard |6 as |3 system developer |1 prompt message instruction instructions",
  ],
  [
    "other-languages",
    0.95,
    0,
    "ignora ignore olvida omite descarta |4 instrucciones indicaciones ordenes |2 anteriores previas",
    "ignoriere ignorieren ignorier vergiss missachte |4 vorherigen bisherigen vorigen fruheren obigen |2 anweisungen instruktionen befehle vorgaben",
    "ignore ignorez oublie oubliez |4 instructions consignes directives |2 precedentes anterieures",
    "ignore esqueca desconsidere |4 instrucoes orientacoes |2 anteriores previas",
    "ignora dimentica trascura |4 istruzioni indicazioni |2 precedenti",
    "negeer vergeet |4 vorige eerdere voorgaande |2 instructies opdrachten",
  ],
];

const JAILBREAK: readonly Row[] = [
  ["you-are-now", 0.95, 0, `you |2 are |2 now |4 dan stan dude ${FREED} freed liberated`],
  ["do-anything-now", 0.6, NEAR, "do |1 anything |1 now"],
  [
    "do-anything-now-mode",
    0.92,
    NEAR,
    "dan called mode |6 do |1 anything |1 now",
    "do |1 anything |1 now |6 mode dan jailbreak restrictions",
  ],
  [
    "jailbreak-mode",
    0.9,
    NEAR,
    "jailbreak jailbroken dan |2 mode |2 enabled activated engaged on unlocked",
    `unlock activate enter enable engage |2 jailbreak jailbroken dan ${FREED} |2 mode`,
    `jailbreak |2 yourself`,
  ],
  [
    "developer-mode",
    0.88,
    NEAR,
    "developer dev god admin sudo debug |1 mode |2 enabled activated engaged unlocked on |8 uncensored unfiltered ethics ethical moral morals safety jailbreak",
    "developer dev god admin sudo debug |1 mode |2 enabled activated engaged unlocked on |6 no without |2 content |1 policy filters filter",
  ],
  ["developer-mode-alone", 0.6, NEAR, "developer god sudo |1 mode |2 enabled activated engaged"],
  [
    "act-unrestricted",
    0.9,
    NEAR,
    `act behave respond answer pretend roleplay speak operate simulate emulate become reply |6 ${FREED} |3 ${AI} way`,
  ],
  [
    "drop-your-safety",
    0.9,
    NEAR,
    `${DROP} |2 your all |3 ${CHECKS} |2 ${BOUNDS}`,
    `${DROP} |3 ethics ethical moral morals |2 ${BOUNDS}`,
    `turn switch |3 off |2 your all |3 ${CHECKS} |2 ${BOUNDS}`,
    `your |3 ${CHECKS} |2 ${BOUNDS} |4 off disabled suspended lifted removed void deactivated`,
  ],
  [
    "answer-without-bounds",
    0.85,
    NEAR,
    "respond answer reply speak write talk |4 without |3 restrictions filters filter censorship disclaimers morals ethics refusal",
    `without |2 any |2 ethical moral censorship |2 ${BOUNDS} considerations concerns`,
  ],
  [
    "pretend-no-rules",
    0.88,
    NEAR,
    "pretend imagine roleplay suppose act |6 you |4 no without |3 restrictions ethics morals guidelines limitations filters",
  ],
  ["no-rules", 0.6, 0, "you |2 have |2 no |3 rules restrictions limits limitations guidelines"],
  [
    "freed-from-makers",
    0.88,
    NEAR,
    "free freed liberated released |3 from of |4 creators developers makers programming constraints openai anthropic |4 policies policy rules guidelines constraints chains shackles",
  ],
  [
    "never-refuse",
    0.75,
    0,
    "you |2 must will can should |2 never not cannot |2 refuse decline |4 request requests question questions",
  ],
  [
    "never-refuse-ai",
    0.85,
    0,
    `${FREED} |10 never cannot not |2 refuse refuses decline warn`,
    "never not |2 say mention admit |4 you |1 are |2 ai |8 character rules refuse",
    "never not |1 break breaks |1 character |8 rules refuse illegal ethics policy policies",
  ],
  [
    "evil-twin",
    0.85,
    NEAR,
    "evil opposite unaligned |2 twin confidant persona |8 no without never |4 ethics ethical morals moral rules restrictions",
  ],
  [
    "two-answers",
    0.85,
    0,
    "two both |1 responses answers replies |10 unfiltered uncensored jailbroken jailbreak dan",
  ],
];

const DATA_EXFILTRATION: readonly Row[] = [
  [
    "reveal-prompt",
    0.9,
    FAR,
    `${SHOW} |4 your |4 system initial hidden original secret internal developer |2 prompt prompts instructions`,
    `${SHOW} |4 your |2 system hidden |2 message rules directives`,
    `${SHOW} |4 your |1 prompt instructions |3 verbatim exactly word`,
  ],
  ["reveal-the-prompt", 0.7, FAR, `${SHOW} |2 the |2 system hidden |1 prompt instructions`],
  [
    "reveal-the-prompt-verbatim",
    0.88,
    FAR,
    `${SHOW} |2 the |2 system hidden |1 prompt instructions |4 verbatim exactly completely`,
  ],
  [
    "repeat-above",
    0.85,
    FAR,
    "repeat print output echo recite display copy |2 everything all words text content |4 above before preceding |5 verbatim prompt starting beginning instructions",
  ],
  [
    "what-is-your-prompt",
    0.7,
    FAR,
    "what whats |2 your |2 system initial hidden |1 prompt instructions",
  ],
  [
    "give-me-keys",
    0.92,
    FAR,
    `${ASK} |2 me us |3 your the all |3 seed private recovery mnemonic wallet secret |1 phrase key keys words mnemonic`,
    `${ASK} |2 me us |3 your the all |3 ${SECRETS} password passphrase`,
    `${ASK} |2 me us |3 your the all |3 api access session |1 key keys token tokens cookie cookies`,
  ],
  [
    "reply-with-keys",
    0.9,
    FAR,
    "reply respond answer return |2 with |3 your all |3 seed private recovery mnemonic wallet secret api |1 phrase key keys words",
    `reply respond answer return |2 with |3 your all |3 ${SECRETS} password passphrase`,
    `${SHOW} |4 your |3 seed private recovery mnemonic api secret |1 phrase key keys`,
  ],
  [
    "send-secrets-out",
    0.9,
    FAR,
    `send post upload forward email transmit exfiltrate leak submit pipe |3 all any every your stored |3 ${SECRETS} |6 http https webhook attacker server endpoint address url`,
    `exfiltrate leak steal smuggle |4 ${SECRETS} keys key tokens data conversation history database memory files`,
  ],
  [
    "send-secret-out",
    0.65,
    FAR,
    `send post upload forward email |6 ${SECRETS} key keys token tokens password |6 http https webhook`,
  ],
  [
    "send-conversation-out",
    0.85,
    FAR,
    "send post upload forward transmit |3 entire whole full complete |2 conversation prompt memory |6 http https",
    "append encode embed hide smuggle |4 conversation secrets credentials passwords prompt memory |8 image img markdown pixel",
  ],
  [
    "key-files-out",
    0.88,
    FAR,
    "cat base64 tar zip read type |6 id_rsa id_ed25519 id_ecdsa passwd shadow keystore wallet_key |10 curl wget nc netcat http https scp webhook",
    "curl wget nc netcat scp |12 id_rsa id_ed25519 id_ecdsa shadow keystore wallet_key",
    "printenv |2 curl wget nc netcat base64",
    "read open load |5 id_rsa id_ed25519 shadow |6 send post upload paste include",
  ],
  ["dump-environment", 0.6, FAR, `${SHOW} |3 all your every |3 environment |1 variables`],
  [
    "dump-environment-out",
    0.88,
    FAR,
    `${SHOW} |3 all your every |3 environment |1 variables |8 http https webhook me reply`,
  ],
];

function toRules(threat: ThreatType, rows: readonly Row[]): Rule[] {
  return rows.flatMap(([name, confidence, negatedWithin, ...phrases]) =>
    phrases.map((phrase) => ({
      name,
      threat,
      confidence,
      negatedWithin,
      places: toPlaces(phrase),
    })),
  );
}

/** The phrases that are threats: English, and how six more languages begin the commonest one. */
export const RULES: readonly Rule[] = [
  ...toRules("PROMPT_INJECTION", PROMPT_INJECTION),
  ...toRules("JAILBREAK", JAILBREAK),
  ...toRules("DATA_EXFILTRATION", DATA_EXFILTRATION),
];
