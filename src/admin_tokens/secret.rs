//! Whether `JWT_SECRET` is one that nobody guesses. Who guesses it is an operator.
//!
//! HS256 wants a key of at least 32 bytes (RFC 7518, 3.2), and anyone who holds one token can try secrets at
//! his leisure, with word lists that hold every default of every tutorial. So length alone is not enough.

use thiserror::Error;

/// Fewest bytes.
const SHORTEST: usize = 32;

/// Least entropy, bits, counted by how often each byte comes: 32 random hexadecimal digits have about 118,
/// a word of nine letters said four times 90.
const LEAST_BITS: f64 = 100.0;

/// What secrets of tutorials and templates hold. In 32 random characters each of these is a miracle.
const TELLTALES: [&str; 12] = [
    "secret",
    "password",
    "changeme",
    "change-me",
    "change_me",
    "example",
    "default",
    "qwerty",
    "your-",
    "your_",
    "jwt",
    "moked",
];

/// Why the admin endpoint stays shut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SecretFault {
    /// There is none.
    #[error("JWT_SECRET is not set")]
    Missing,
    /// Too short.
    #[error("JWT_SECRET is shorter than 32 bytes")]
    Short,
    /// It stands in word lists.
    #[error("JWT_SECRET holds a word that templates use, so it stands in the lists that guessers try")]
    Known,
    /// Too regular.
    #[error("JWT_SECRET repeats itself too much to be random")]
    Regular,
}

impl SecretFault {
    /// What to do about it.
    pub fn mend(self) -> &'static str {
        "set JWT_SECRET to the output of `openssl rand -base64 48` and start moked again; everything else works \
         meanwhile"
    }
}

/// Refuses a secret that could be guessed.
pub(super) fn check(secret: &str) -> Result<(), SecretFault> {
    let lower = secret.to_ascii_lowercase();
    if secret.len() < SHORTEST {
        Err(SecretFault::Short)
    } else if TELLTALES.iter().any(|word| lower.contains(word)) {
        Err(SecretFault::Known)
    } else if entropy_bits(secret.as_bytes()) < LEAST_BITS || is_sequence(secret.as_bytes()) {
        Err(SecretFault::Regular)
    } else {
        Ok(())
    }
}

/// Shannon's entropy of the bytes as they are spread, times their number.
fn entropy_bits(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    bytes.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let total = bytes.len() as f64;
    let share = |count: u32| f64::from(count) / total;
    counts.into_iter().filter(|&count| count > 0).map(|count| -f64::from(count) * share(count).log2()).sum()
}

/// Whether most bytes are a fixed step from the one before, as in `abcdef…` or `0123456789…`.
fn is_sequence(bytes: &[u8]) -> bool {
    let steps = bytes.windows(2).filter(|pair| pair[1].abs_diff(pair[0]) <= 1).count();
    steps * 2 > bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_secrets_of_every_usual_form_pass() {
        for secret in [
            "4f1d0c9be27a63855e0b9c7d1a2f6e83",
            "q0hYIkX8sZ3w9TfG5mB1nVcR7uLpKoJdEa2xHy4tMvQ=",
            "x7G!pQ2#vL9@rT4$kW8%nB1^cF6&hJ3*",
            "מפתח ארוך ואקראי שנוצר בקוביות 739",
        ] {
            assert_eq!(check(secret), Ok(()), "{secret}");
        }
    }

    #[test]
    fn short_known_and_regular_secrets_do_not() {
        for (secret, fault) in [
            ("", SecretFault::Short),
            ("q0hYIkX8sZ3w9TfG5mB1nVcR7uLpKoJ", SecretFault::Short),
            ("your-256-bit-secret-that-is-long-enough", SecretFault::Known),
            ("super-SECRET-jwt-token-with-at-least-32-characters-long", SecretFault::Known),
            ("changemechangemechangemechangeme", SecretFault::Known),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", SecretFault::Regular),
            ("abababababababababababababababababababab", SecretFault::Regular),
            ("abcdefghijklmnopqrstuvwxyz0123456789", SecretFault::Regular),
            ("tel-avivtel-avivtel-avivtel-avivtel", SecretFault::Regular),
        ] {
            assert_eq!(check(secret), Err(fault), "{secret}");
        }
    }
}
