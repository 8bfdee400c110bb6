/** How far away something is, as exactly as it matters: `850 m`, `4.2 km`, `1,300 km`. */
export function distanceText(metres: number, displayLanguage: string): string {
  const isShort = metres < 995;
  const value = isShort ? metres : metres / 1000;
  return new Intl.NumberFormat(displayLanguage, {
    style: "unit",
    unit: isShort ? "meter" : "kilometer",
    maximumSignificantDigits: 2,
  }).format(value);
}
