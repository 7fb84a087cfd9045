//! The C library, loaded at run time, and the one C object that is used: a decoder.
//!
//! The interface is that of version 0.8 (`0.8+5prealpha` in Debian and Ubuntu, `libpocketsphinx.so.3`).
//! Signatures were read from its headers `pocketsphinx.h`, `cmd_ln.h` and `err.h`. Version 5 has other
//! names for the same things and is not used, because no distribution of ours ships it.
//!
//! One warning that no code here can lift: on a damaged model file the C library ends the process. So the
//! files are checked for presence before it sees them.

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::fmt;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use libloading::Library;

/// The shared object's name at run time.
pub(super) const SONAME: &str = "libpocketsphinx.so.3";

type Config = c_void;
type Decoder = c_void;

/// The functions that are used. They stay valid as long as the library, which is kept beside them.
pub(super) struct Api {
    ps_args: unsafe extern "C" fn() -> *const c_void,
    cmd_ln_init: unsafe extern "C" fn(*mut Config, *const c_void, c_int, ...) -> *mut Config,
    cmd_ln_set_str_r: unsafe extern "C" fn(*mut Config, *const c_char, *const c_char),
    cmd_ln_set_int_r: unsafe extern "C" fn(*mut Config, *const c_char, c_long),
    cmd_ln_exists_r: unsafe extern "C" fn(*mut Config, *const c_char) -> c_int,
    cmd_ln_free_r: unsafe extern "C" fn(*mut Config) -> c_int,
    ps_init: unsafe extern "C" fn(*mut Config) -> *mut Decoder,
    ps_free: unsafe extern "C" fn(*mut Decoder) -> c_int,
    ps_set_lm_file: unsafe extern "C" fn(*mut Decoder, *const c_char, *const c_char) -> c_int,
    ps_set_search: unsafe extern "C" fn(*mut Decoder, *const c_char) -> c_int,
    ps_unset_search: unsafe extern "C" fn(*mut Decoder, *const c_char) -> c_int,
    ps_start_utt: unsafe extern "C" fn(*mut Decoder) -> c_int,
    ps_process_raw: unsafe extern "C" fn(*mut Decoder, *const i16, usize, c_int, c_int) -> c_int,
    ps_end_utt: unsafe extern "C" fn(*mut Decoder) -> c_int,
    ps_get_hyp: unsafe extern "C" fn(*mut Decoder, *mut i32) -> *const c_char,
    ps_get_n_frames: unsafe extern "C" fn(*mut Decoder) -> c_int,
    _library: Library,
}

impl Api {
    /// Loads the library and silences its log.
    ///
    /// # Errors
    /// The loader's own words when the library or one of its functions is missing.
    #[expect(unsafe_code, reason = "loading a C library")]
    pub(super) fn load(path: &Path) -> Result<Arc<Self>, libloading::Error> {
        // SAFETY: the initialisers of libpocketsphinx and libsphinxbase only set up their own data.
        let library = unsafe { Library::new(path) }?;
        // SAFETY: each name is looked up with the signature that the 0.8 headers declare for it, and the
        // pointers live no longer than the library, which moves into the same struct. Null is documented
        // for `err_set_logfp` as "no log"; it is global and set here, before any decoder exists.
        unsafe {
            let set_log = *library.get::<unsafe extern "C" fn(*mut c_void)>(b"err_set_logfp\0")?;
            set_log(ptr::null_mut());
            Ok(Arc::new(Self {
                ps_args: *library.get(b"ps_args\0")?,
                cmd_ln_init: *library.get(b"cmd_ln_init\0")?,
                cmd_ln_set_str_r: *library.get(b"cmd_ln_set_str_r\0")?,
                cmd_ln_set_int_r: *library.get(b"cmd_ln_set_int_r\0")?,
                cmd_ln_exists_r: *library.get(b"cmd_ln_exists_r\0")?,
                cmd_ln_free_r: *library.get(b"cmd_ln_free_r\0")?,
                ps_init: *library.get(b"ps_init\0")?,
                ps_free: *library.get(b"ps_free\0")?,
                ps_set_lm_file: *library.get(b"ps_set_lm_file\0")?,
                ps_set_search: *library.get(b"ps_set_search\0")?,
                ps_unset_search: *library.get(b"ps_unset_search\0")?,
                ps_start_utt: *library.get(b"ps_start_utt\0")?,
                ps_process_raw: *library.get(b"ps_process_raw\0")?,
                ps_end_utt: *library.get(b"ps_end_utt\0")?,
                ps_get_hyp: *library.get(b"ps_get_hyp\0")?,
                ps_get_n_frames: *library.get(b"ps_get_n_frames\0")?,
                _library: library,
            }))
        }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

/// One option of a decoder, by the name the library gives it (with its dash).
#[derive(Debug, Clone)]
pub(super) enum Setting {
    /// A path or word.
    Text(&'static str, String),
    /// Yes or no.
    Flag(&'static str, bool),
}

impl Setting {
    fn name(&self) -> &'static str {
        match self {
            Self::Text(name, _) | Self::Flag(name, _) => name,
        }
    }
}

/// A decoder. Holding a pointer it is not `Send`: it stays on the thread that made it.
#[derive(Debug)]
pub(super) struct Native {
    api: Arc<Api>,
    decoder: NonNull<Decoder>,
}

impl Native {
    /// Makes a decoder. Reads the acoustic model (some 10 ms).
    ///
    /// # Errors
    /// A sentence that says which option or step was refused.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn new(api: &Arc<Api>, settings: &[Setting]) -> Result<Self, String> {
        // SAFETY: the documented use: definitions from `ps_args`, a list of options that ends at once with
        // a null pointer. 0 makes it lenient, since an empty list is an error in the strict mode.
        let config = unsafe { (api.cmd_ln_init)(ptr::null_mut(), (api.ps_args)(), 0, ptr::null::<c_char>()) };
        if config.is_null() {
            return Err("the library gave no configuration".to_owned());
        }
        let applied = settings.iter().try_for_each(|setting| apply(api, config, setting));
        let decoder = match applied {
            // SAFETY: `config` came from `cmd_ln_init` and was not freed.
            Ok(()) => NonNull::new(unsafe { (api.ps_init)(config) })
                .ok_or_else(|| "the library refused the acoustic model or the dictionary".to_owned()),
            Err(error) => Err(error),
        };
        // SAFETY: this gives up our own reference, once; a decoder keeps one of its own.
        unsafe { (api.cmd_ln_free_r)(config) };
        Ok(Self { api: Arc::clone(api), decoder: decoder? })
    }

    /// Reads a language model in ARPA form under a name.
    ///
    /// # Errors
    /// When the library refuses the file.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn load_model(&mut self, name: &str, file: &Path) -> Result<(), String> {
        let (c_name, c_file) = (c_text(name)?, c_path(file)?);
        // SAFETY: a live decoder and two terminated strings that outlive the call; the library copies them.
        let status =
            unsafe { (self.api.ps_set_lm_file)(self.decoder.as_ptr(), c_name.as_ptr(), c_file.as_ptr()) };
        accepted(status, || format!("language model {name} was refused"))
    }

    /// Makes a loaded language model the one in use. Only between utterances.
    ///
    /// # Errors
    /// When no model has this name.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn use_model(&mut self, name: &str) -> Result<(), String> {
        let c_name = c_text(name)?;
        // SAFETY: a live decoder and a terminated string that outlives the call.
        let status = unsafe { (self.api.ps_set_search)(self.decoder.as_ptr(), c_name.as_ptr()) };
        accepted(status, || format!("language model {name} is not loaded"))
    }

    /// Frees a language model that is not in use.
    ///
    /// # Errors
    /// When no model has this name.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn forget_model(&mut self, name: &str) -> Result<(), String> {
        let c_name = c_text(name)?;
        // SAFETY: a live decoder and a terminated string that outlives the call.
        let status = unsafe { (self.api.ps_unset_search)(self.decoder.as_ptr(), c_name.as_ptr()) };
        accepted(status, || format!("language model {name} is not loaded"))
    }

    /// Begins an utterance.
    ///
    /// # Errors
    /// When one is under way or no language model is in use.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn start(&mut self) -> Result<(), String> {
        // SAFETY: a live decoder.
        let status = unsafe { (self.api.ps_start_utt)(self.decoder.as_ptr()) };
        accepted(status, || "an utterance could not be started".to_owned())
    }

    /// Hears samples at 16 kHz.
    ///
    /// # Errors
    /// When no utterance is under way.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn process(&mut self, samples: &[i16]) -> Result<(), String> {
        // SAFETY: a live decoder; pointer and length belong to one slice, which is only read.
        let frames = unsafe {
            (self.api.ps_process_raw)(self.decoder.as_ptr(), samples.as_ptr(), samples.len(), 0, 0)
        };
        accepted(frames.min(0), || "audio was refused".to_owned())
    }

    /// Ends the utterance and runs the later passes.
    ///
    /// # Errors
    /// When none is under way.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn end(&mut self) -> Result<(), String> {
        // SAFETY: a live decoder.
        let status = unsafe { (self.api.ps_end_utt)(self.decoder.as_ptr()) };
        accepted(status.min(0), || "an utterance could not be ended".to_owned())
    }

    /// The words so far and the score of their path (a logarithm, 0 at best); none when nothing was heard.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn hypothesis(&mut self) -> Option<(String, i32)> {
        let mut score = 0;
        // SAFETY: a live decoder, and a place for the score that outlives the call.
        let text = unsafe { (self.api.ps_get_hyp)(self.decoder.as_ptr(), &raw mut score) };
        if text.is_null() {
            return None;
        }
        // SAFETY: not null, so a terminated string that the decoder keeps until its next call.
        let text = unsafe { CStr::from_ptr(text) };
        Some((text.to_string_lossy().into_owned(), score))
    }

    /// Frames of 10 ms that were searched in this utterance.
    #[expect(unsafe_code, reason = "calls into C")]
    pub(super) fn frames(&mut self) -> i32 {
        // SAFETY: a live decoder.
        unsafe { (self.api.ps_get_n_frames)(self.decoder.as_ptr()) }
    }
}

impl Drop for Native {
    #[expect(unsafe_code, reason = "frees a C object")]
    fn drop(&mut self) {
        // SAFETY: the pointer came from `ps_init`, is freed once, and nothing uses it afterwards.
        unsafe { (self.api.ps_free)(self.decoder.as_ptr()) };
    }
}

#[expect(unsafe_code, reason = "calls into C")]
fn apply(api: &Api, config: *mut Config, setting: &Setting) -> Result<(), String> {
    let name = c_text(setting.name())?;
    // SAFETY: a live configuration and a terminated name.
    if unsafe { (api.cmd_ln_exists_r)(config, name.as_ptr()) } == 0 {
        return Err(format!("the library knows no option {}", setting.name()));
    }
    match setting {
        Setting::Text(_, value) => {
            let value = c_text(value)?;
            // SAFETY: the option exists and is a text; the library copies the value.
            unsafe { (api.cmd_ln_set_str_r)(config, name.as_ptr(), value.as_ptr()) };
        }
        // SAFETY: the option exists and is a flag, which the library keeps as an integer.
        Setting::Flag(_, value) => unsafe {
            (api.cmd_ln_set_int_r)(config, name.as_ptr(), c_long::from(*value));
        },
    }
    Ok(())
}

fn accepted(status: c_int, refusal: impl FnOnce() -> String) -> Result<(), String> {
    if status == 0 { Ok(()) } else { Err(refusal()) }
}

fn c_text(text: &str) -> Result<CString, String> {
    CString::new(text).map_err(|_| format!("{text:?} holds a zero byte"))
}

fn c_path(path: &Path) -> Result<CString, String> {
    CString::new(path.as_os_str().as_encoded_bytes())
        .map_err(|_| format!("the path {} holds a zero byte", path.display()))
}
