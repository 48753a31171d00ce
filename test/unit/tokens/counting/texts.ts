/** Texts that differ in what makes counting hard: scripts, runs, code, what looks special, what is not well-formed. */
import { readFileSync } from "node:fs";

const own = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");

export const texts: ReadonlyArray<readonly [name: string, text: string]> = [
  ["nothing", ""],
  ["English", "It's what they'd said: WE'LL see, I'm sure. Don’t you think they’ve won?\n\nYes; (maybe)…"],
  ["prose and tables", own("README.md")],
  ["TypeScript", own("src/tokens/counting/text/pieces.ts")],
  ["JSON", own("package-lock.json").slice(0, 50_000)],
  ["minified JSON", JSON.stringify(JSON.parse(own("package.json")))],
  ["paths and URLs", "https://example.com//a/b?c=d&e=%20f#g\r\n/usr/local//bin/ ../..\n//\n/* a */"],
  [
    "Japanese",
    "ゲートウェイは、アプリケーションと、それが呼び出すモデルの間にあります。使用量を数え、鍵を守ります。",
  ],
  ["Chinese without a stop", "网关位于应用程序和它们所调用的模型之间".repeat(60)],
  ["Korean", "게이트웨이는 애플리케이션과 그것이 호출하는 모델 사이에 있습니다."],
  ["Hindi", "गेटवे अनुप्रयोगों और उन मॉडलों के बीच खड़ा होता है जिन्हें वे बुलाते हैं।"],
  ["Thai", "เกตเวย์อยู่ระหว่างแอปพลิเคชันกับโมเดลที่เรียกใช้"],
  ["Arabic", "تقف البوابة بين التطبيقات والنماذج التي تستدعيها، وتَحْسُبُ ما تستهلكه."],
  ["Greek and Cyrillic, with capitals", "ΑΘΗΝΑ Αθήνα ἄνθρωπος МОСКВА Москва ёлка ЩУКА"],
  ["titles and modifiers", "ǅungla ʰaspirated ªº Ⅷ ⅷ ½ ² ٣٤٥٦ １２３４"],
  ["marks", "e\u0301a\u0300 A\u030AB\u0323C \u0301\u0302x !\u0301? \u20DD"],
  ["emoji", "🎉🚀✨ 😀😂🥲 👍🏽 🇩🇪🇯🇵 👩‍👩‍👧‍👦 ❤️‍🔥"],
  ["white space", " a  b   c\t\td\n\n\n  e \r\n\r\n \t f\u00A0g\u3000h\u0085i\u2028j\uFEFFk   "],
  ["long white space", `x${" ".repeat(5_000)}y${"\n".repeat(3_000)}z${"\t ".repeat(2_000)}`],
  ["one letter, repeated", "a".repeat(3_000)],
  ["one capital, repeated", "A".repeat(2_000)],
  ["one sign, repeated", `${"=".repeat(2_500)} ${"-".repeat(777)}\n`],
  ["a pattern, repeated", "abAB12 ".repeat(700)],
  ["digits", "3141592653589793238462643383279502884197169399375105820974944592"],
  ["base64", Buffer.from(own("LICENSE")).toString("base64")],
  ["hex", Buffer.from(own("LICENSE").slice(0, 2_000)).toString("hex")],
  ["special tokens", "<|endoftext|> <|im_start|>system<|im_end|><|endofprompt|><|fim_prefix|>"],
  ["long s", "'ſ it'ſ IT'ſ 'S 'Re 'VE 'LL 'D 'm"],
  ["apostrophes", "'' 's 'st rock'n'roll 'tis ''ll ll' d'd 'RE're \n'll"],
  ["halves of surrogate pairs", "a\uD83Db\uDE00c\uDE00\uD83D d\uD800"],
  ["controls", "\u0000\u0001a\u007Fb\u0000\n\u0000"],
  ["what is not assigned", "a\u0378b \u{E0080}c\u{10FFFF}"],
];
