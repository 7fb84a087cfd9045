//! Azure Speech: voices in Hebrew and English over plain HTTP.

pub mod voice;
