import { AppError } from "../kit/errors.ts";

/** The passwords of eight characters and more that people choose most, and machines try first. */
const common = new Set(
  `password password1 password12 password123 password1234 password! password1! passw0rd p@ssw0rd
  p@ssword pa$$word passwort passwort1 motdepasse contraseña contrasena wachtwoord qwertyui qwerty12
  qwerty123 qwerty1234 qwertyuiop qwertz123 qwertzuiop azertyuiop asdfghjk asdfghjkl zxcvbnm1
  zxcvbnm123 qazwsxedc 1q2w3e4r 1q2w3e4r5t q1w2e3r4 1qaz2wsx zaq12wsx 1qazxsw2 qweasdzxc abcd1234
  abcdefgh abc12345 a1b2c3d4 aa123456 a12345678 a123456789 12345678 123456789 1234567890 0123456789
  12341234 87654321 987654321 9876543210 11223344 1122334455 12344321 13131313 147258369 123123123
  789456123 159753456 123654789 1234qwer qwer1234 iloveyou iloveyou1 letmein1 letmein123 welcome1
  welcome123 sunshine sunshine1 princess princess1 football football1 baseball baseball1 basketball
  superman superman1 starwars whatever trustno1 computer internet samsung1 changeme changeme1
  changeme123 administrator admin123 admin1234 adminadmin root1234 rootroot testtest test1234
  guest123 secret123 michael1 jennifer jordan23 liverpool liverpool1 chelsea1 charlie1 pokemon1
  pokemon123 corvette mustang1 maverick ferrari1 dragon123 monkey123 master123 shadow123 helloworld
  hello123 1qaz!qaz woaini1314 5201314520`.split(/\s+/u),
);

/**
 * Throws PASSWORD_WEAK for one that would be guessed first: one of the most common, a short pattern
 * again and again, or the person's own name or address. How long it is, the input's schema checks.
 */
export function requireGoodPassword(
  password: string,
  owner: { email: string; name: string },
): void {
  const plain = password.normalize("NFKC").toLowerCase();
  const [local] = owner.email.split("@");
  const own = [owner.email, local, owner.name.normalize("NFKC").toLowerCase()];
  if (common.has(plain) || /^(.{1,3})\1+$/u.test(plain) || own.includes(plain)) {
    throw new AppError(
      "PASSWORD_WEAK",
      "This password would be guessed first. Choose another one.",
    );
  }
}
