//! An operator's side of the admin endpoint.

use std::time::Duration;

use awc::Client;
use awc::http::header::HeaderMap;
use awc::http::{Method, StatusCode};
use moked::admin_tokens::{AdminKey, Role};
use moked::startup::Running;
use secrecy::SecretString;
use serde_json::Value;

use super::{Cast, house_with};

/// The secret of tests that open the endpoint.
pub(crate) const SECRET: &str = "q0hYIkX8sZ3w9TfG5mB1nVcR7uLpKoJdEa2xHy4tMvQ=";

/// A token for ten minutes.
pub(crate) fn token(role: Role) -> String {
    let key = AdminKey::new(Some(&SecretString::from(SECRET))).unwrap();
    key.mint("dana", role, Duration::from_secs(600)).unwrap()
}

/// The value of the header that brings one.
pub(crate) fn bearer(role: Role) -> String {
    format!("Bearer {}", token(role))
}

/// A server whose endpoint is open.
pub(crate) async fn shop(cast: &Cast) -> Running {
    house_with(cast, &[("JWT_SECRET", SECRET)], |_| {}).await
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The words of a refusal; each has both.
    pub(crate) fn refusal(&self) -> String {
        let body = self.json();
        assert!(body["what_to_do"].as_str().is_some_and(|text| text.len() > 5), "{body}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        body["error"].as_str().unwrap().to_owned()
    }
}

/// Asks.
pub(crate) async fn ask(
    house: &Running,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Reply {
    let mut request = Client::default().request(method, format!("http://{}{path}", house.address()));
    for header in headers {
        request = request.insert_header(*header);
    }
    let mut response = request.send_body(body).await.unwrap();
    let body = String::from_utf8(response.body().await.unwrap().to_vec()).unwrap();
    Reply { status: response.status(), headers: response.headers().clone(), body }
}

/// Looks.
pub(crate) async fn get_as(house: &Running, role: Role, path: &str) -> Reply {
    let bearer = format!("Bearer {}", token(role));
    ask(house, Method::GET, path, &[("authorization", &bearer)], String::new()).await
}

/// Orders.
pub(crate) async fn order(house: &Running, path: &str, body: &Value) -> Reply {
    let bearer = format!("Bearer {}", token(Role::Operator));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json; charset=utf-8")];
    ask(house, Method::POST, path, &headers, body.to_string()).await
}
