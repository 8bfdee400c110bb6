/** Such as 01:02:03.456; hours go on beyond 99. */
export function cueTime(ms: number, decimalMark: "." | ","): string {
  const whole = Math.floor(ms / 1000);
  const two = (number: number) => `${number}`.padStart(2, "0");
  const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(two);
  return `${clock.join(":")}${decimalMark}${`${ms % 1000}`.padStart(3, "0")}`;
}
