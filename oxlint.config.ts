import { defineConfig, type OxlintOverride } from "oxlint";

/**
 * The rule of imports. A folder may import only what its row names, besides itself and packages.
 * The most specific folder of a file decides.
 */
const features = ["account", "room", "chat", "call", "upload"].map((name) => `server/${name}`);
const foundations = ["server/mail", "server/database", "server/bus", "server/kit", "shared"];
const composition = [
  "server/http",
  "server/engine",
  ...features,
  "server/interpreter",
  "server/media",
  ...foundations,
];

const mayImport: Record<string, string[]> = {
  shared: [],
  "client/sdk": ["shared", "server/app-router.ts"],
  "client/web": ["client/sdk", "shared"],
  "client/web/ui": [],
  "server/kit": ["shared"],
  "server/database": ["server/kit", "shared"],
  "server/bus": ["server/kit", "shared"],
  "server/mail": ["server/kit", "shared"],
  "server/storage": ["server/kit", "shared"],
  "server/media": ["server/kit", "shared"],
  "server/interpreter": ["server/kit", "shared"],
  "server/engine": ["server/interpreter", "server/kit", "shared"],
  ...Object.fromEntries(features.map((feature) => [feature, foundations])),
  "server/call": ["server/interpreter", "server/media", ...foundations],
  "server/upload": ["server/storage", ...foundations],
  "server/http": ["server/app-router.ts", "server/storage", ...features, ...foundations],
};
/** Files directly under server/: main -> app -> app-router. They compose, so they may import all. */
const folders = [...Object.keys(mayImport), ...composition, "scripts"];

/** A pattern for the relative specifiers that lead from `from` (at any depth in it) to `to`. */
function specifier(from: string, to: string): string {
  const [fromParts, toParts] = [from.split("/"), to.split("/")];
  let shared = 0;
  while (fromParts[shared] !== undefined && fromParts[shared] === toParts[shared]) shared += 1;
  return `^\\.\\./(\\.\\./)*${toParts.slice(shared).join("/").replaceAll(".", "\\.")}(/|$)`;
}

const inside = (folder: string, parent: string) => folder.startsWith(`${parent}/`);

const boundaries = Object.entries(mayImport).map(([folder, allowed]): OxlintOverride => ({
  files: [`${folder}/**/*.ts`, `${folder}/**/*.tsx`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          ...new Set([...folders, "server/app.ts", "server/main.ts", "server/app-router.ts"]),
        ]
          .filter((other) => other !== folder && !allowed.includes(other) && !inside(folder, other))
          .filter((other) => !inside(other, folder))
          .map((other) => ({
            regex: specifier(folder, other),
            message: `${folder} may not import ${other}: see docs/architecture.md`,
          })),
      },
    ],
  },
}));

export default defineConfig({
  plugins: ["import", "typescript", "unicorn", "promise", "react", "jsx-a11y", "oxc"],
  categories: { correctness: "error", suspicious: "error", perf: "warn" },
  options: { typeAware: true },
  ignorePatterns: ["dist", "data", ".cache", "node_modules"],
  rules: {
    "import/no-cycle": "error",
    "import/no-unassigned-import": "off",
    "import/no-named-as-default-member": "off",
    "react/react-in-jsx-scope": "off",
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-floating-promises": "error",
    // Nothing takes out an import of types alone that isn't one of `import type`: it runs the module.
    "typescript/no-import-type-side-effects": "error",
    "typescript/no-unsafe-type-assertion": "off",
    // The compiler knows better which switches are exhaustive.
    "typescript/consistent-return": "off",
    "consistent-return": "off",
    "no-await-in-loop": "off",
    "no-underscore-dangle": "off",
    "no-shadow": "off",
    "unicorn/no-array-sort": "off",
    "unicorn/prefer-add-event-listener": "off",
    "unicorn/require-post-message-target-origin": "off",
    "unicorn/consistent-function-scoping": "off",
    "unicorn/require-module-specifiers": "off",
    "promise/always-return": "off",
    "promise/no-multiple-resolved": "off",
  },
  overrides: boundaries,
});
