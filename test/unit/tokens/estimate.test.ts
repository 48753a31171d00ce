import { describe, expect, it } from "vitest";
import { estimateTextTokens, estimateTokens } from "../../../src/tokens/estimate.ts";

/** Texts with their length in tokens of o200k_base. */
const counted: readonly (readonly [script: string, text: string, tokens: number])[] = [
  [
    "English",
    "A gateway stands between applications and the models they call. It counts what they use, keeps the keys out of reach, and moves traffic to another provider when the first one fails.",
    36,
  ],
  [
    "TypeScript",
    'export function decode(chunk: Uint8Array): Event[] {\n  const events: Event[] = [];\n  for (const line of split(chunk)) if (line.startsWith("data:")) events.push(JSON.parse(line.slice(5)));\n  return events;\n}\n',
    52,
  ],
  [
    "JSON",
    '{"model":"gpt-4o","messages":[{"role":"user","content":"What is the weather in Paris?"}],"temperature":0.2,"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]}',
    64,
  ],
  [
    "German",
    "Ein Vermittler steht zwischen den Anwendungen und den Modellen, die sie aufrufen. Er zählt den Verbrauch, verwahrt die Schlüssel und weicht auf einen anderen Anbieter aus, wenn der erste ausfällt.",
    42,
  ],
  [
    "French",
    "Une passerelle se tient entre les applications et les modèles qu'elles appellent. Elle compte leur consommation, garde les clés à l'abri et change de fournisseur quand le premier tombe en panne.",
    39,
  ],
  [
    "Russian",
    "Шлюз стоит между приложениями и моделями, которые они вызывают. Он считает расход, хранит ключи и переключает трафик на другого поставщика, если первый не отвечает.",
    40,
  ],
  [
    "Arabic",
    "تقف البوابة بين التطبيقات والنماذج التي تستدعيها. تحسب ما تستهلكه وتحفظ المفاتيح وتنقل الطلبات إلى مزود آخر عندما يتعطل الأول.",
    43,
  ],
  [
    "Hindi",
    "गेटवे अनुप्रयोगों और उन मॉडलों के बीच खड़ा होता है जिन्हें वे बुलाते हैं। यह खपत गिनता है और पहला प्रदाता विफल होने पर दूसरे पर जाता है।",
    45,
  ],
  [
    "Chinese",
    "网关位于应用程序和它们所调用的模型之间。它统计用量，保管密钥，并在第一个供应商出现故障时把流量切换到另一个供应商。",
    45,
  ],
  [
    "Japanese",
    "ゲートウェイは、アプリケーションと、それが呼び出すモデルの間にあります。使用量を数え、鍵を守り、最初の提供元が止まったときには別の提供元に切り替えます。",
    57,
  ],
  [
    "Korean",
    "게이트웨이는 애플리케이션과 그것이 호출하는 모델 사이에 있습니다. 사용량을 세고 키를 지키며 첫 번째 제공자가 멈추면 다른 제공자로 전환합니다.",
    44,
  ],
  ["digits", "3141592653 5897932384 6264338327 9502884197 1693993751 0582097494 4592307816 4062862089", 39],
  ["emoji", "🎉🚀✨ 😀😂🥲 👍🏽 🇩🇪🇯🇵", 20],
];

describe("estimateTextTokens", () => {
  it.each(counted)("%s within 35 %% of the real count", (_script, text, tokens) => {
    const ratio = estimateTextTokens(text) / tokens;
    expect(ratio).toBeGreaterThan(0.65);
    expect(ratio).toBeLessThan(1.35);
  });

  it("is nothing for nothing, and at least one for anything visible", () => {
    expect(estimateTextTokens("")).toBe(0);
    expect(estimateTextTokens("a")).toBeGreaterThanOrEqual(1);
    expect(estimateTextTokens("好")).toBe(1);
  });

  it("looks at no more than the limit and takes the rest to be alike", () => {
    const sentence = "The quick brown fox jumps over the lazy dog. ";
    const whole = estimateTextTokens(sentence.repeat(1_000), Number.MAX_SAFE_INTEGER);
    const sampled = estimateTextTokens(sentence.repeat(1_000), sentence.length * 10);
    expect(sampled / whole).toBeCloseTo(1, 2);
  });

  it("is linear: a megabyte of one letter costs milliseconds", () => {
    const started = performance.now();
    estimateTextTokens("a".repeat(1_000_000), 1_000_000);
    expect(performance.now() - started).toBeLessThan(250);
  });
});

describe("estimateTokens", () => {
  it.each([
    [0, 0],
    [1, 1],
    [4, 1],
    [4_000, 1_000],
    [-5, 0],
    [Number.NaN, 0],
  ])("%d characters are about %d tokens", (characters, tokens) => {
    expect(estimateTokens(characters)).toBe(tokens);
  });
});
