//! Credentials of every kind, against a server in the place of Google's token endpoint and metadata server.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use moked_core::ports::ProviderFault;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::task::LocalSet;

use super::credentials::{CredentialsError, CredentialsFrom, GoogleCredentials};
use super::permit::Permit;
use super::service_account::ServiceAccount;
use super::testing::{HttpServer, key_file, test_key};

const METADATA: CredentialsFrom = CredentialsFrom::Metadata;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

fn part(token: &str, index: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn by_key(text: &SecretString) -> Result<Arc<GoogleCredentials>, CredentialsError> {
    GoogleCredentials::new(CredentialsFrom::Key, Some(text), None).map(Arc::new)
}

fn user(token_uri: &str) -> SecretString {
    let file = json!({
        "type": "authorized_user", "client_id": "id.apps.example", "client_secret": "canary-client-secret",
        "refresh_token": "canary-refresh-token", "quota_project_id": "payer", "token_uri": token_uri,
    });
    file.to_string().into()
}

fn metadata(server: &HttpServer) -> Arc<GoogleCredentials> {
    Arc::new(GoogleCredentials::new(METADATA, None, Some(&server.host())).unwrap())
}

fn granted(token: &str, seconds: u64) -> String {
    json!({ "access_token": token, "expires_in": seconds, "token_type": "Bearer" }).to_string()
}

async fn bearer(credentials: &Arc<GoogleCredentials>, seconds: u64) -> String {
    credentials.bearer(at(seconds)).await.unwrap().expose_secret().to_owned()
}

#[tokio::test]
async fn a_token_is_signed_by_the_account_for_an_hour() {
    let credentials = by_key(&key_file(test_key())).unwrap();
    let bearer = bearer(&credentials, 0).await;
    let token = bearer.strip_prefix("Bearer ").unwrap();
    assert_eq!(
        (part(token, 0)["alg"].as_str(), part(token, 0)["kid"].as_str()),
        (Some("RS256"), Some("key-1"))
    );
    let claims = part(token, 1);
    assert_eq!(claims["iss"], "ear@example.iam.gserviceaccount.com");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3_600);
    assert!(claims.get("aud").is_none());
    let (body, signature) = token.rsplit_once('.').unwrap();
    let account = ServiceAccount::new("ear".into(), None, &test_key().into()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, account.public_key());
    public.verify(body.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    assert_eq!(credentials.project(), Some("example"));
}

#[tokio::test]
async fn a_signed_token_is_kept_for_55_minutes_and_not_over_a_clock_set_back() {
    let credentials = by_key(&key_file(test_key())).unwrap();
    let first = bearer(&credentials, 0).await;
    assert_eq!(bearer(&credentials, 55 * 60 - 1).await, first);
    let second = bearer(&credentials, 55 * 60).await;
    assert_ne!(second, first);
    assert_ne!(bearer(&credentials, 60).await, second);
}

#[test]
fn escaped_line_breaks_and_base64_are_repaired() {
    assert!(by_key(&key_file(&test_key().replace('\n', "\\n"))).is_ok());
    let coded = STANDARD.encode(key_file(test_key()).expose_secret());
    assert!(by_key(&coded.into()).is_ok());
}

#[test]
fn what_is_no_key_file_is_refused_without_quoting_it() {
    let refuse = |text: &str| by_key(&text.into()).unwrap_err();
    assert_eq!(refuse("/etc/canary.json"), CredentialsError::NotJson);
    assert_eq!(refuse("{\"canary\": 1}"), CredentialsError::Incomplete);
    assert_eq!(refuse("{\"client_email\":\"a\",\"private_key\":\"canary\"}"), CredentialsError::BadKey);
    let unfinished = r#"{"type":"authorized_user","refresh_token":"canary"}"#;
    assert_eq!(refuse(unfinished), CredentialsError::IncompleteUser);
    let foreign = refuse(r#"{"type":"external_account","credential_source":"canary"}"#);
    assert!(foreign.to_string().contains("external_account"));
    let missing = GoogleCredentials::new(CredentialsFrom::Key, None, None).unwrap_err();
    assert_eq!(missing, CredentialsError::Missing);
    for error in [refuse("canary"), refuse("{canary"), refuse("Y2FuYXJ5"), refuse(unfinished), foreign] {
        assert!(!error.to_string().contains("canary"));
    }
}

#[tokio::test]
async fn a_user_s_refresh_token_is_changed_for_a_token_once_for_all_who_wait() {
    let test = async {
        let mut server = HttpServer::listen().await;
        let credentials = by_key(&user(&server.url())).unwrap();
        assert_eq!((credentials.project(), credentials.quota_project()), (Some("payer"), Some("payer")));
        let answering = async {
            let asked = server.answer("200 OK", granted("ya29.one", 3_599)).await;
            let form = "grant_type=refresh_token&client_id=id.apps.example\
                        &client_secret=canary-client-secret&refresh_token=canary-refresh-token";
            assert_eq!(asked.body, form);
        };
        let ((), first, second) = tokio::join!(answering, bearer(&credentials, 0), bearer(&credentials, 0));
        assert_eq!((first.as_str(), second.as_str()), ("Bearer ya29.one", "Bearer ya29.one"));
        assert_eq!(bearer(&credentials, 3_599 - 226).await, "Bearer ya29.one");
        assert!(!format!("{credentials:?}").contains("canary"));
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_token_that_ends_soon_is_replaced_behind_the_request_s_back() {
    let test = async {
        let mut server = HttpServer::listen().await;
        let credentials = metadata(&server);
        let (asked, first) =
            tokio::join!(server.answer("200 OK", granted("one", 600)), bearer(&credentials, 0));
        assert_eq!(first, "Bearer one");
        let path = "GET /computeMetadata/v1/instance/service-accounts/default/token?scopes=https";
        assert!(asked.head.starts_with(path), "{}", asked.head);
        assert!(asked.head.to_lowercase().contains("metadata-flavor: google"), "{}", asked.head);

        // No answer yet, and nobody waits for one.
        assert_eq!(bearer(&credentials, 400).await, "Bearer one");
        server.answer("503 Service Unavailable", "later").await;
        assert_eq!(bearer(&credentials, 405).await, "Bearer one", "a failure is not repeated at once");
        assert_eq!(bearer(&credentials, 420).await, "Bearer one");
        server.answer("200 OK", granted("two", 600)).await;
        assert_eq!(bearer(&credentials, 421).await, "Bearer two");
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn an_account_s_assertion_is_changed_for_a_token_where_the_settings_say_so() {
    let test = async {
        let mut server = HttpServer::listen().await;
        let mut file: Value = serde_json::from_str(key_file(test_key()).expose_secret()).unwrap();
        file["token_uri"] = server.url().into();
        let credentials =
            GoogleCredentials::new(CredentialsFrom::Exchange, Some(&file.to_string().into()), None).unwrap();
        let credentials = Arc::new(credentials);
        let (asked, token) =
            tokio::join!(server.answer("200 OK", granted("ya29.x", 3_600)), bearer(&credentials, 0));
        assert_eq!(token, "Bearer ya29.x");
        let assertion = asked.body.split_once("assertion=").unwrap().1;
        assert!(asked.body.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"));
        assert_eq!(part(assertion, 1)["aud"], server.url());
    };
    LocalSet::new().run_until(test).await;
}

/// What asking for a token fails with.
async fn fault_of(status: &'static str, body: &str) -> ProviderFault {
    let mut server = HttpServer::listen().await;
    let credentials = by_key(&user(&server.url())).unwrap();
    let (_, fault) = tokio::join!(server.answer(status, body), credentials.bearer(at(0)));
    fault.unwrap_err()
}

#[tokio::test]
async fn faults_of_the_token_endpoint_are_told_by_kind_with_the_mend_and_without_secrets() {
    let test = async {
        let expired = r#"{"error":"invalid_grant","error_description":"expired: canary-refresh-token"}"#;
        let fault = fault_of("400 Bad Request", expired).await;
        let ProviderFault::Auth { why } = &fault else { panic!("{fault:?}") };
        assert!(why.contains("invalid_grant") && why.contains("gcloud auth"), "{why}");
        let echo = r#"{"error":"no client canary-client-secret with canary-refresh-token"}"#;
        let fault = fault_of("401 Unauthorized", echo).await.to_string();
        assert!(fault.contains("[key]") && !fault.contains("canary"), "{fault}");
        let garbage = fault_of("200 OK", r#"{"access_token":"canary","expires_in":"canary"}"#).await;
        assert!(matches!(garbage, ProviderFault::Garbage { .. }) && !garbage.to_string().contains("canary"));
        let busy = fault_of("429 Too Many Requests", "{}").await;
        assert_eq!(busy.retry_after(), Some(Duration::from_secs(3)));
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_machine_that_is_not_on_google_cloud_learns_it_at_once_and_can_try_again() {
    let test = async {
        let mut server = HttpServer::listen().await;
        let credentials = metadata(&server);
        let (_, fault) =
            tokio::join!(server.answer("404 Not Found", "no account"), credentials.bearer(at(0)));
        assert!(fault.unwrap_err().to_string().contains("is a service account attached?"));
        let (_, token) = tokio::join!(server.answer("200 OK", granted("late", 600)), bearer(&credentials, 1));
        assert_eq!(token, "Bearer late");

        let nobody = HttpServer::listen().await.host();
        let credentials = Arc::new(GoogleCredentials::new(METADATA, None, Some(&nobody)).unwrap());
        let fault = credentials.bearer(at(0)).await.unwrap_err();
        assert!(matches!(&fault, ProviderFault::Connect { why } if why.contains("Google Cloud?")), "{fault}");
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test]
async fn a_token_that_google_refuses_is_forgotten_and_a_newer_one_is_not() {
    let test = async {
        let mut server = HttpServer::listen().await;
        let credentials = metadata(&server);
        let (_, first) = tokio::join!(server.answer("200 OK", granted("one", 600)), bearer(&credentials, 0));
        let refused = |bearer: String| {
            let status = tonic::Status::unauthenticated(format!("{bearer} is revoked"));
            Permit::new(&credentials, bearer.into()).clean(status)
        };
        refused("Bearer older".into());
        assert_eq!(bearer(&credentials, 1).await, "Bearer one");
        refused(first);
        let (_, second) = tokio::join!(server.answer("200 OK", granted("two", 600)), bearer(&credentials, 2));
        assert_eq!(second, "Bearer two");
    };
    LocalSet::new().run_until(test).await;
}
