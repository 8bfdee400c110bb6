import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

/** The accent: warm, and where it fills a button dark enough for white text (4.7:1 and 5.4:1). */
const ember: MantineColorsTuple = [
  "#fff2eb",
  "#ffe2d4",
  "#fbc3aa",
  "#f6a17c",
  "#f08457",
  "#e5632f",
  "#c94a1b",
  "#b9421a",
  "#96351a",
  "#762b18",
];

/** Greys with a little of the accent in them, from paper to ink. */
const gray: MantineColorsTuple = [
  "#faf8f4",
  "#f4f1eb",
  "#e9e4db",
  "#dbd4c9",
  "#c4bbad",
  "#a0968a",
  "#6f675e",
  "#59524b",
  "#3a3530",
  "#231f1b",
];

const dark: MantineColorsTuple = [
  "#ece7e1",
  "#c9c2ba",
  "#a79f96",
  "#7d756c",
  "#423c36",
  "#332e29",
  "#262220",
  "#171412",
  "#110f0d",
  "#0b0a09",
];

const sans =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** Of dialogs. A name in it may be long. */
const title = {
  fontSize: "1.1rem",
  fontWeight: 650,
  lineHeight: 1.3,
  minWidth: 0,
  overflowWrap: "anywhere",
};

export const theme = createTheme({
  colors: { ember, gray, dark },
  primaryColor: "ember",
  primaryShade: { light: 7, dark: 6 },
  black: "#231f1b",
  fontFamily: sans,
  headings: { fontFamily: sans, fontWeight: "650", textWrap: "balance" },
  defaultRadius: "md",
  radius: { xs: "6px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Tooltip: {
      defaultProps: { openDelay: 400, events: { hover: true, focus: true, touch: false } },
    },
    Modal: { styles: { title } },
    Drawer: { styles: { title } },
    Select: { defaultProps: { comboboxProps: { shadow: "md" } } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#faf8f4",
    "--mantine-color-dimmed": "#6f675e",
    "--parley-surface": "#ffffff",
    "--parley-line": "#e9e4db",
    "--mantine-color-placeholder": "#7a7065",
    /** An original beside its translation. */
    "--parley-aside": "#4f4841",
    /** What may still change: lighter than what won't, and still readable (4.5:1). */
    "--parley-unsettled": "#7a7065",
    "--parley-voice": "#2f7d5b",
    "--parley-bubble": "#f4f1eb",
  },
  dark: {
    "--mantine-color-dimmed": "#a79f96",
    "--parley-surface": "#1f1b19",
    "--parley-line": "#332e29",
    "--mantine-color-placeholder": "#968d83",
    "--parley-aside": "#cbc4bc",
    "--parley-unsettled": "#968d83",
    "--parley-voice": "#63c296",
    "--parley-bubble": "#2e2926",
    "--mantine-color-ember-light": "rgb(229 99 47 / 18%)",
    "--mantine-color-ember-light-hover": "rgb(229 99 47 / 26%)",
    "--mantine-color-ember-light-color": "#f6a17c",
  },
});
