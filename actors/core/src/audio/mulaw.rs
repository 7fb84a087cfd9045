//! G.711 µ-law, both ways (ITU-T G.711, 1988).
//!
//! Decoding is a table of 256 entries; encoding finds the segment of the 14-bit magnitude by its leading
//! one. Samples are 16-bit linear.

/// Added to a magnitude before it is cut into segments (G.711: 33 in 14 bits, 132 in 16).
const BIAS: i32 = 132;

/// The largest magnitude that can be coded; louder samples are clipped.
const CLIP: i32 = 32_635;

const fn decode_byte(byte: u8) -> i16 {
    let byte = !byte;
    let segment = (byte >> 4) & 0x07;
    let step = (byte & 0x0F) as i32;
    let magnitude = (((step << 3) + BIAS) << segment) - BIAS;
    if byte & 0x80 == 0 { magnitude as i16 } else { -magnitude as i16 }
}

const TABLE: [i16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = decode_byte(byte as u8);
        byte += 1;
    }
    table
};

/// One byte of µ-law to a linear sample.
pub fn decode_sample(byte: u8) -> i16 {
    TABLE[usize::from(byte)]
}

/// One linear sample to a byte of µ-law.
pub fn encode_sample(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    let segment = (31 - magnitude.leading_zeros()).saturating_sub(7);
    let step = (magnitude >> (segment + 3)) & 0x0F;
    !(sign | ((segment as u8) << 4) | step as u8)
}

/// Bytes of µ-law to linear samples.
pub fn decode(bytes: &[u8]) -> Vec<i16> {
    bytes.iter().map(|&byte| decode_sample(byte)).collect()
}

/// Linear samples to bytes of µ-law.
pub fn encode(samples: &[i16]) -> Vec<u8> {
    samples.iter().map(|&sample| encode_sample(sample)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_ff_both_ways() {
        assert_eq!(encode_sample(0), 0xFF);
        assert_eq!(decode_sample(0xFF), 0);
    }

    #[test]
    fn ends_of_the_scale_match_g711() {
        assert_eq!(decode_sample(0x00), -32_124);
        assert_eq!(decode_sample(0x80), 32_124);
        assert_eq!(encode_sample(i16::MIN), 0x00);
        assert_eq!(encode_sample(i16::MAX), 0x80);
    }

    #[test]
    fn every_byte_survives_a_round_trip() {
        for byte in 0..=255_u8 {
            let again = encode_sample(decode_sample(byte));
            // 0x7F is negative zero; linear samples have only one zero.
            let expected = if byte == 0x7F { 0xFF } else { byte };
            assert_eq!(again, expected, "byte {byte:#04x}");
        }
    }

    #[test]
    fn an_error_is_at_most_half_a_step_of_its_segment() {
        for sample in i16::MIN..=i16::MAX {
            let error = (i32::from(decode_sample(encode_sample(sample))) - i32::from(sample)).abs();
            let allowed = (i32::from(sample).abs() + BIAS) / 32 + 4;
            let clipped = (i32::from(sample).abs() - 32_124).max(0);
            assert!(error <= allowed.max(clipped), "sample {sample}: error {error}");
        }
    }
}
