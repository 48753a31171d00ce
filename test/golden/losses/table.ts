/** Outcomes as a table in Markdown, with a footnote for each reason. */
import type { Outcome } from "./outcome.ts";

export interface Row {
  readonly feature: string;
  readonly outcomes: readonly Outcome[];
}

/** The reasons of one section of the page, numbered as they come. */
class Footnotes {
  readonly #numbers = new Map<string, number>();

  /** @returns the mark behind a cell */
  mark(reasons: readonly string[]): string {
    const numbers = reasons.map(sentence).map((reason) => {
      const number = this.#numbers.get(reason) ?? this.#numbers.size + 1;
      this.#numbers.set(reason, number);
      return number;
    });
    return ` <sup>${[...new Set(numbers)].sort((a, b) => a - b).join(", ")}</sup>`;
  }

  get text(): string {
    return [...this.#numbers].map(([reason, number]) => `${number}. ${reason}`).join("\n");
  }
}

export function table(corner: string, columns: readonly string[], rows: readonly Row[]): string {
  const footnotes = new Footnotes();
  const lines = [
    [corner, ...columns],
    ["---", ...columns.map(() => "---")],
    ...rows.map(({ feature, outcomes }) => [feature, ...outcomes.map((outcome) => cell(outcome, footnotes))]),
  ].map((cells) => `| ${cells.join(" | ")} |`);
  return [...lines, ...(footnotes.text === "" ? [] : ["", footnotes.text])].join("\n");
}

function cell(outcome: Outcome, footnotes: Footnotes): string {
  switch (outcome.kind) {
    case "carried":
      return "✓";
    case "untold":
      return "–";
    case "refused":
      return `refused${footnotes.mark([outcome.why])}`;
    case "lossy": {
      const { losses } = outcome;
      const word = losses.some(({ content }) => content)
        ? "**dropped**"
        : losses.some(({ how }) => how === "dropped")
          ? "dropped"
          : "approximated";
      return `${word}${footnotes.mark(losses.map(({ why }) => why))}`;
    }
    default:
      return outcome satisfies never;
  }
}

function sentence(reason: string): string {
  const capital = reason.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
