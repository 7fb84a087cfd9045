//! `moked token`: makes a token for the admin endpoint, and prints nothing else.
//!
//! It needs the `JWT_SECRET` that the server has, and no server: whoever can read the secret is an operator
//! already.

use std::io::{self, Write};
use std::time::Duration;

use clap::Args;

use super::Failure;
use crate::admin_tokens::{AdminKey, Role};
use crate::settings::Settings;

/// What the token is to say.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// What its holder may do: look, or also act on calls.
    #[arg(long, value_enum, default_value = "viewer")]
    pub role: Role,
    /// How many hours it is good for, 1 to 24.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=24))]
    pub hours: u64,
    /// Who holds it; stands in the log beside what he does. Without it, the name of the role.
    #[arg(long = "for", value_name = "NAME")]
    pub holder: Option<String>,
}

/// Prints a token to standard output.
///
/// # Errors
/// When `JWT_SECRET` is missing or weak, or the name cannot stand in a log line.
pub fn run(args: &TokenArgs, settings: &Settings) -> Result<(), Failure> {
    let token = make(args, settings)?;
    writeln!(io::stdout(), "{token}")
        .map_err(|error| Failure::System(format!("cannot write the token: {error}")))
}

fn make(args: &TokenArgs, settings: &Settings) -> Result<String, Failure> {
    let key = AdminKey::new(settings.secrets.jwt_secret.as_ref())
        .map_err(|fault| Failure::Config(format!("{fault}; {}", fault.mend())))?;
    let role = match args.role {
        Role::Viewer => "viewer",
        Role::Operator => "operator",
    };
    let holder = args.holder.as_deref().unwrap_or(role);
    key.mint(holder, args.role, Duration::from_secs(args.hours * 60 * 60))
        .map_err(|fault| Failure::Config(fault.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    fn settings(secret: &str) -> Settings {
        let variables = Environment::from([("JWT_SECRET".to_owned(), secret.to_owned())]);
        Settings::load(None, &variables).unwrap()
    }

    #[test]
    fn a_token_opens_the_server_that_has_the_same_secret() {
        let settings = settings("q0hYIkX8sZ3w9TfG5mB1nVcR7uLpKoJdEa2xHy4tMvQ=");
        let args = TokenArgs { role: Role::Operator, hours: 8, holder: Some("דנה".to_owned()) };
        let token = make(&args, &settings).unwrap();
        let claims = AdminKey::new(settings.secrets.jwt_secret.as_ref()).unwrap().read(&token).unwrap();
        assert_eq!((claims.sub.as_str(), claims.role), ("דנה", Role::Operator));
    }

    #[test]
    fn a_weak_secret_makes_no_token_and_is_not_shown() {
        let args = TokenArgs { role: Role::Viewer, hours: 1, holder: None };
        let failure = make(&args, &settings("hunter2")).unwrap_err();
        assert_eq!(failure.code(), 78);
        let line = failure.to_string();
        assert!(
            line.contains("JWT_SECRET") && line.contains("openssl") && !line.contains("hunter2"),
            "{line}"
        );
    }
}
