//! `GET /admin/openapi.json`: what each route takes and answers, as OpenAPI 3.1.
//!
//! The document is written by hand, since it is read by people; tests hold it to the routes and to real answers.

use actix_web::HttpResponse;

use super::guard::Viewer;

/// The document as it was when this binary was built.
const DOCUMENT: &str = include_str!("openapi.json");

/// The document.
pub(super) async fn document(_: Viewer) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::super::{ROOT, routes};
    use super::DOCUMENT;

    #[test]
    fn the_document_holds_each_route_and_no_other() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let told: BTreeSet<(String, String)> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
                methods.map(|method| (path.clone(), method.to_uppercase())).collect::<Vec<_>>()
            })
            .collect();
        let registered: BTreeSet<(String, String)> = routes()
            .into_iter()
            .map(|(path, method, _)| (format!("{ROOT}{path}"), method.to_string()))
            .collect();
        assert_eq!(told, registered);
        assert_eq!(document["openapi"], "3.1.0");
    }
}
