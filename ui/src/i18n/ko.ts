const files = import.meta.glob<Record<string, unknown>>("./ko/*.json", { eager: true, import: "default" });

export const catalogue = Object.fromEntries(
  Object.entries(files).map(([path, texts]) => [path.slice("./ko/".length, -".json".length), texts]),
);
