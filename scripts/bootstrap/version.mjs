// @ts-check

/**
 * Orders two versions such as `24.21.0` or `v20.1`: negative when `a` is older, 0 when equal.
 * A pre-release (`24.0.0-rc.1`) is older than its release; two of one release count as equal.
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
export function compareVersions(a, b) {
  const [left, right] = [parse(a), parse(b)];
  for (const index of [0, 1, 2]) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(right.preRelease) - Number(left.preRelease);
}

/** @param {string} version */
function parse(version) {
  const [release = "", ...rest] = version.replace(/^v/, "").split("-");
  return { numbers: release.split(".").map(Number), preRelease: rest.length > 0 };
}
