//! `moked doctor --providers` against vendors that are well, that refuse the key, and that are not there.

mod edge_support;
mod vendor_support;

use std::net::TcpListener;

use edge_support::environment;
use moked::doctor::{Order, Verdict, examine_providers};
use vendor_support::{Act, Vendor};

#[actix_rt::test]
async fn each_provider_is_asked_once_and_told_of_with_its_first_byte_or_its_mend() {
    let well = Vendor::doing([], Act::Says("Hello."));
    let reasons = Vendor::doing([], Act::RunsOut);
    let strict = Vendor::doing([], Act::Refuses(401, "Incorrect API key provided"));
    let nobody = format!("http://{}/v1", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let variables = [
        ("MOKED__ENGINES__THINKING", "openai,strict,gone,reasons"),
        ("MOKED__PROVIDER__THINKING__OPENAI__BASE_URL", well.url.as_str()),
        ("MOKED__PROVIDER__THINKING__STRICT__ADAPTER", "openai"),
        ("MOKED__PROVIDER__THINKING__STRICT__BASE_URL", &strict.url),
        ("MOKED__PROVIDER__THINKING__STRICT__KEY_ENV", "STRICT_API_KEY"),
        ("STRICT_API_KEY", "canarykey"),
        ("MOKED__PROVIDER__THINKING__GONE__ADAPTER", "openai"),
        ("MOKED__PROVIDER__THINKING__GONE__BASE_URL", &nobody),
        ("MOKED__PROVIDER__THINKING__REASONS__ADAPTER", "openai"),
        ("MOKED__PROVIDER__THINKING__REASONS__BASE_URL", &reasons.url),
    ];
    let order = Order { environment: environment(&variables), ..Order::default() };
    let mut told = 0;
    let reports = examine_providers(&order, |_| told += 1).await;
    assert_eq!((told, reports.len()), (4, 4));
    let line = |name: &str| {
        let report = reports.iter().find(|report| report.evidence.join(" ").contains(name)).unwrap();
        let text = format!("{} {}", report.evidence.join(" "), report.mend.clone().unwrap_or_default());
        assert!(!text.contains("canarykey"), "{text}");
        (report.result, text)
    };
    for alive in ["openai", "reasons"] {
        let (result, text) = line(&format!("{alive}: first byte after "));
        assert!(result == Verdict::Pass && text.trim_end().ends_with("ms"), "{text}");
    }
    let (result, text) = line("strict: the key was refused");
    assert!(result == Verdict::Fail && text.contains("set STRICT_API_KEY"), "{text}");
    let (result, text) = line("gone: cannot connect");
    assert!(result == Verdict::Fail && text.contains("base_url under [provider.thinking.gone]"), "{text}");
    for vendor in [&well, &reasons, &strict] {
        let asked = vendor.asked();
        assert_eq!(asked.len(), 1);
        assert!(asked[0]["max_tokens"].as_u64().unwrap() <= 32, "{}", asked[0]);
    }
}
