import { expect, test } from "vitest";
import { countTests } from "./suite.mjs";

const report = (numPassedTests: number, numFailedTests: number, files: string[][] = []) => ({
  numPassedTests,
  numFailedTests,
  testResults: files.map(([status = "", ...tests]) => ({
    status,
    assertionResults: tests.map((test) => ({ status: test })),
  })),
});

test("passed and failed tests are those of the report", () => {
  const files = [
    ["passed", "passed", "passed"],
    ["failed", "passed", "failed"],
  ];
  expect(countTests(report(3, 1, files), 1)).toEqual({ passed: 3, failed: 1 });
});

test("a file that can't be loaded is a failure, though it holds no test", () => {
  expect(countTests(report(3, 0, [["failed"]]), 1)).toEqual({ passed: 3, failed: 1 });
});

test("so is a run that ends badly with every test passed, or without a report", () => {
  expect(countTests(report(3, 0), 1)).toEqual({ passed: 3, failed: 1 });
  expect(countTests(undefined, 137)).toEqual({ passed: 0, failed: 1 });
});
