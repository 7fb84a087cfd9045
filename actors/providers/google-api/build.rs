//! Generates the clients (and, for tests, the servers) from Google's protocol files, without `protoc`.

use std::error::Error;

const SERVICES: [&str; 4] = [
    "google/cloud/speech/v1/cloud_speech.proto",
    "google/cloud/speech/v2/cloud_speech.proto",
    "google/cloud/texttospeech/v1/cloud_tts.proto",
    "google/rpc/error_details.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=protos");
    let mut files = protox::compile(SERVICES, ["protos"])?;
    // Google's comments are written for other generators: here they would be read as code to test.
    for file in &mut files.file {
        file.source_code_info = None;
    }
    let mut config = tonic_prost_build::Config::new();
    config.include_file("services.rs");
    tonic_prost_build::configure()
        .bytes(".google.cloud")
        .generate_default_stubs(true)
        .server_mod_attribute(".", "#[cfg(feature = \"server\")]")
        .compile_fds_with_config(files, config)?;
    Ok(())
}
