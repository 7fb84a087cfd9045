//! A service account's key, made where it is used: no private key lies in the repository, not even one that
//! opens nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails the test")]

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use num_bigint_dig::{BigUint, RandPrime};

/// The public exponent that everybody takes.
const E: u64 = 65_537;

/// This process's key: RSA of 2,048 bits as PKCS#8 in PEM, the form in Google's key files (RFC 8017, A.1.2;
/// RFC 5958).
pub(crate) fn test_key() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let der = STANDARD.encode(pkcs8(&rsa_private_key()));
        let lines: Vec<&str> = der.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
        let [begin, end] = ["BEGIN", "END"].map(|word| format!("-----{word} PRIVATE KEY-----"));
        format!("{begin}\n{}\n{end}\n", lines.join("\n"))
    })
}

/// `RSAPrivateKey`.
fn rsa_private_key() -> Vec<u8> {
    let one = BigUint::from(1_u8);
    let e = BigUint::from(E);
    let prime = || loop {
        let prime = rand::rng().gen_prime(1_024);
        if &prime % &e != one {
            return prime;
        }
    };
    let (a, b) = (prime(), prime());
    let (p, q) = if a > b { (a, b) } else { (b, a) };
    let n = &p * &q;
    let (p1, q1) = (&p - &one, &q - &one);
    let phi = &p1 * &q1;
    // d = (1 + k·phi) / e for the k that makes it whole.
    let residue = (&phi % &e).to_string().parse::<u64>().unwrap();
    let k = (1..E).find(|k| (1 + k * residue) % E == 0).expect("e and phi have a common factor");
    let d = (&one + &phi * BigUint::from(k)) / &e;
    let coefficient = q.modpow(&(&p - BigUint::from(2_u8)), &p);
    let numbers =
        [BigUint::default(), n, e, d.clone(), p.clone(), q.clone(), &d % &p1, &d % &q1, coefficient];
    sequence(&numbers.map(|number| integer(&number)).concat())
}

fn pkcs8(key: &[u8]) -> Vec<u8> {
    /// `rsaEncryption`, 1.2.840.113549.1.1.1, with its NULL.
    const ALGORITHM: [u8; 13] = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0];
    sequence(&[integer(&BigUint::default()), sequence(&ALGORITHM), tagged(0x04, key)].concat())
}

fn sequence(content: &[u8]) -> Vec<u8> {
    tagged(0x30, content)
}

fn integer(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_none_or(|first| first & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    tagged(0x02, &bytes)
}

/// Tag, length, content (X.690, 8.1.3).
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().position(|&byte| byte != 0).unwrap_or(7)..];
    let mut der = vec![tag];
    if content.len() >= 0x80 {
        der.push(0x80 | length.len() as u8);
    }
    [der.as_slice(), length, content].concat()
}
