/** What a benchmark gives is an object that can be written as JSON; `print` is for people. */
export type Benchmark = {
  summary: string;
  run: (options: { print: (text: string) => void; quick: boolean }) => Promise<object>;
};
