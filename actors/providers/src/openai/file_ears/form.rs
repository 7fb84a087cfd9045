//! What is uploaded: a multipart form (RFC 7578) with a recording in it.

use super::super::hints::HintField;

/// Parts the pieces. Long enough that no audio holds it.
const BOUNDARY: &str = "moked-c41f8a0b5d7e4e2f9a36-b8d2f7106c3e";

/// A form under construction.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<u8>);

impl Form {
    /// The content type of every form.
    pub(super) fn content_type() -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    /// Adds a field.
    pub(super) fn field(mut self, name: &str, value: &str) -> Self {
        self.begin(name);
        self.0.extend_from_slice(b"\r\n\r\n");
        self.0.extend_from_slice(value.as_bytes());
        self.0.extend_from_slice(b"\r\n");
        self
    }

    /// Adds the fields of a hint; a list has brackets in its name and a field for each value.
    pub(super) fn hint(self, hint: HintField) -> Self {
        match hint {
            HintField::One(name, value) => self.field(name, &value),
            HintField::Many(name, values) => {
                let name = format!("{name}[]");
                values.iter().fold(self, |form, value| form.field(&name, value))
            }
        }
    }

    /// Adds the recording and ends the form.
    pub(super) fn recording(mut self, wav: &[u8]) -> Vec<u8> {
        self.begin("file");
        self.0.extend_from_slice(b"; filename=\"utterance.wav\"\r\nContent-Type: audio/wav\r\n\r\n");
        self.0.extend_from_slice(wav);
        self.0.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        self.0
    }

    fn begin(&mut self, name: &str) {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"");
        self.0.extend_from_slice(head.as_bytes());
    }
}

/// A WAV of 16-bit linear samples, one channel: a RIFF header of 44 bytes and the samples.
pub(super) fn wav(samples: &[i16], hz: u32) -> Vec<u8> {
    let bytes = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - 36);
    let mut wav = Vec::with_capacity(44 + samples.len() * 2);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + bytes).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend_from_slice(&hz.to_le_bytes());
    wav.extend_from_slice(&(hz * 2).to_le_bytes());
    wav.extend_from_slice(b"\x02\0\x10\0data");
    wav.extend_from_slice(&bytes.to_le_bytes());
    wav.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    wav
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wav_says_what_is_in_it() {
        let wav = wav(&[1, -1], 16_000);
        assert_eq!(wav.len(), 48);
        assert_eq!(wav[4..8], 40_u32.to_le_bytes());
        assert_eq!(wav[24..28], 16_000_u32.to_le_bytes());
        assert_eq!(wav[40..48], [4, 0, 0, 0, 1, 0, 255, 255]);
    }

    #[test]
    fn a_list_becomes_fields_with_brackets() {
        let form = Form::default()
            .hint(HintField::Many("keywords", vec!["דירה".into(), "rent".into()]))
            .recording(b"x");
        let text = String::from_utf8(form).unwrap();
        assert_eq!(text.matches("name=\"keywords[]\"\r\n\r\n").count(), 2);
        assert!(text.ends_with(&format!("\r\n\r\nx\r\n--{BOUNDARY}--\r\n")));
    }
}
