import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from "@mantine/core";

/** The accent: what can be acted on. */
const accent: MantineColorsTuple = [
  "#e6effc",
  "#cfe0fa",
  "#a9c8f6",
  "#7fb2ff",
  "#5795ee",
  "#3a7de0",
  "#2c6fd3",
  "#1d5fc4",
  "#174ea3",
  "#123e82",
];

/** Greys of the dark theme, in the hue of our tokens. */
const dark: MantineColorsTuple = [
  "#e6eaf0",
  "#b4bdc9",
  "#8e99a8",
  "#667383",
  "#3c4756",
  "#29323e",
  "#1e2631",
  "#171d26",
  "#10151c",
  "#0c1016",
];

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  // Mantine picks the ink on a filled button for the light theme's shade, whatever the theme is.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    const isAccent = (input.color ?? input.theme.primaryColor) === input.theme.primaryColor;
    return input.variant === "filled" && isAccent ? { ...colors, color: "var(--pw-on-accent)" } : colors;
  },
  colors: { accent, dark },
  fontFamily: "var(--pw-font)",
  fontFamilyMonospace: "var(--pw-mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  defaultRadius: "6px",
  cursorType: "pointer",
  respectReducedMotion: true,
  headings: { fontFamily: "var(--pw-font)", fontWeight: "600" },
  components: {
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, transitionProps: { duration: 100 } } },
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", comboboxProps: { transitionProps: { duration: 100 } } } },
    // Its focusable placeholder is no menu item, and so nothing that a menu may hold.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { transitionProps: { duration: 120 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 120 } } },
  },
});

/** Mantine's own variables follow our tokens, so that both themes are written in one place. */
export const cssVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-text": "var(--pw-ink)",
    "--mantine-color-body": "var(--pw-surface)",
    "--mantine-color-dimmed": "var(--pw-ink-faint)",
    "--mantine-color-placeholder": "var(--pw-ink-faint)",
    "--mantine-color-anchor": "var(--pw-accent)",
    "--mantine-color-default": "var(--pw-surface)",
    "--mantine-color-default-border": "var(--pw-line-strong)",
    "--mantine-color-error": "var(--pw-critical)",
  };
  return { variables: {}, light: shared, dark: shared };
};
