//! Sounds made by rule: the same dice give the same sound.

pub(super) mod noises;
pub(super) mod room;
pub(super) mod speech;

/// Level of a caller's voice while he speaks, dBFS RMS: the usual one on telephone lines.
pub(super) const VOICE_DBFS: f32 = -22.0;

/// A factor for amplitudes.
pub(super) fn factor(db: f32) -> f32 {
    10_f32.powf(db / 20.0)
}

/// RMS over the samples that are louder than line noise, dBFS, as ITU-T P.56 counts only active speech; -96 of silence.
pub(super) fn active_dbfs(samples: &[f32]) -> f32 {
    const QUIET: f32 = 60.0;
    let active: Vec<f32> =
        samples.chunks(80).filter(|window| rms(window) > QUIET).flatten().copied().collect();
    if active.is_empty() { -96.0 } else { 20.0 * (rms(&active) / 32_768.0).log10() }
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

/// The samples at this active level, dBFS.
pub(super) fn leveled(mut samples: Vec<f32>, dbfs: f32) -> Vec<f32> {
    let now = active_dbfs(&samples);
    if now > -96.0 {
        let by = factor(dbfs - now);
        samples.iter_mut().for_each(|sample| *sample *= by);
    }
    samples
}

/// As 16-bit samples, clipped.
pub(super) fn clipped(samples: &[f32]) -> Vec<i16> {
    samples.iter().map(|&sample| sample.clamp(-32_000.0, 32_000.0) as i16).collect()
}
