//! WAV headers: the audio lies in the file, and where it begins does not depend on how much of it came.

use moked_providers::google::riff::audio;

/// The bytes are a file.
pub fn check(file: &[u8]) {
    let Ok(range) = audio(file) else { return };
    assert!(range.start <= range.end && range.end <= file.len(), "{range:?} of {}", file.len());
    if range.start == 0 {
        return;
    }
    assert_eq!(&file[range.start - 8..range.start - 4], b"data");
    for cut in [range.start, range.start.midpoint(range.end), range.end] {
        assert_eq!(audio(&file[..cut]), Ok(range.start..cut), "cut at {cut}");
    }
}
