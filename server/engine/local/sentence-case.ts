/**
 * Gives recognised speech the capitals of written English: the decoder knows lower case alone, and a
 * translator takes `i` or `london` for words that it doesn't know. No punctuation is invented.
 */
export function sentenceCase(text: string): string {
  const words = text.split(" ");
  for (let index = 0; index < words.length; index += 1) {
    const phrase = phraseAt(words, index);
    for (let offset = 0; offset < phrase; offset += 1) {
      words[index + offset] = capitalised(words[index + offset] ?? "");
    }
    if (phrase > 0) {
      index += phrase - 1;
      continue;
    }
    const word = words[index] ?? "";
    if (isName(word, words[index - 1])) words[index] = capitalised(word);
  }
  if (words[0] !== undefined) words[0] = capitalised(words[0]);
  return words.join(" ");
}

function capitalised(word: string): string {
  if (initialisms.has(word)) return word.toUpperCase();
  return word
    .split("-")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("-");
}

/** `monday's` and `i'm` are capitalised as `monday` and `i` are. */
function isName(word: string, previous: string | undefined): boolean {
  const stem = word.replace(/'(?:s|m|d|ll|ve|re)?$/, "");
  return (
    names.has(stem) ||
    initialisms.has(stem) ||
    (ambiguous.has(stem) && previous !== undefined && datesAndPlaces.has(previous))
  );
}

function phraseAt(words: readonly string[], index: number): number {
  const second = words[index + 1]?.replace(/'s$/, "");
  return second !== undefined && phrases.has(`${words[index]} ${second}`) ? 2 : 0;
}

/** Also ordinary words; names only after one of `datesAndPlaces`. */
const ambiguous = new Set(["may", "march", "turkey", "chad", "reading", "nice"]);
const datesAndPlaces = new Set(
  "in of to from since until till before after by last next early late near around".split(" "),
);

const initialisms = new Set(["tv", "uk", "usa", "eu", "cd", "dvd", "u.s.", "u.k.", "u.n."]);

const phrases = new Set([
  "buenos aires",
  "costa rica",
  "el salvador",
  "hong kong",
  "los angeles",
  "new delhi",
  "new york",
  "new zealand",
  "north america",
  "north korea",
  "puerto rico",
  "rio grande",
  "san francisco",
  "saudi arabia",
  "south africa",
  "south america",
  "south korea",
  "sri lanka",
  "united kingdom",
  "united nations",
  "united states",
]);

const names = new Set(
  `i
  monday tuesday wednesday thursday friday saturday sunday
  mondays tuesdays wednesdays thursdays fridays saturdays sundays
  january february april june july august september october november december
  christmas easter hanukkah ramadan halloween thanksgiving
  mr mrs ms dr mr. mrs. ms. dr.
  africa america asia europe australia antarctica
  afghanistan albania algeria andorra angola argentina armenia austria azerbaijan bangladesh belarus
  belgium bolivia bosnia botswana brazil bulgaria cambodia cameroon canada chile china colombia croatia
  cuba cyprus denmark ecuador egypt england estonia ethiopia finland france georgia germany ghana greece
  guatemala haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan
  jordan kazakhstan kenya korea kosovo kuwait laos latvia lebanon liberia libya lithuania luxembourg
  macedonia madagascar malaysia malta mexico moldova monaco mongolia morocco mozambique namibia nepal
  netherlands nicaragua nigeria norway pakistan panama paraguay peru philippines poland portugal qatar
  romania russia rwanda scotland senegal serbia singapore slovakia slovenia somalia spain sudan sweden
  switzerland syria taiwan tanzania thailand tunisia uganda ukraine uruguay uzbekistan venezuela vietnam
  wales yemen zambia zimbabwe catalonia california florida texas
  african american arabic argentine asian australian austrian basque belgian brazilian british bulgarian
  canadian catalan chinese croatian cuban czech danish dutch egyptian english estonian european finnish
  french german greek hebrew hindi hungarian icelandic indian indonesian iranian irish israeli italian
  japanese korean latin latvian lithuanian mexican mongolian moroccan nigerian norwegian pakistani persian
  peruvian portuguese romanian russian scottish serbian slovak slovenian spanish swahili swedish swiss
  syrian thai tunisian turkish ukrainian urdu vietnamese welsh
  americans germans italians russians europeans africans canadians australians brazilians mexicans
  christian christians jewish jews muslim muslims buddhist hindu catholic
  amsterdam athens baghdad baltimore bangkok barcelona beijing berlin birmingham boston brussels bucharest
  budapest cairo cambridge chicago copenhagen dallas damascus delhi denver detroit dublin edinburgh
  florence frankfurt geneva glasgow hamburg hanoi havana helsinki houston istanbul jerusalem johannesburg
  kiev lagos lima lisbon liverpool london madrid manchester manila melbourne miami milan minneapolis
  montreal moscow mumbai munich nairobi naples osaka oslo ottawa oxford paris philadelphia pittsburgh
  prague rome santiago seattle seoul shanghai stockholm sydney tehran tokyo toronto valencia vancouver
  venice vienna warsaw washington zurich
  thames rhine danube atlantic pacific mediterranean
  alexander alice amy andrew anna anthony barbara benjamin charles charlotte christopher daniel david
  edward elizabeth emily emma eric george helen henry james jane jennifer jessica john joseph joshua julia
  karen kevin laura linda lisa lucy maria mary matthew michael nancy nicholas olivia patricia patrick paul
  peter philip rachel richard robert samuel sarah simon sophia stephen steven susan thomas victoria william
  facebook google microsoft wikipedia youtube`.split(/\s+/),
);
