//! `/healthz`: alive or not.

use super::silent;
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::site::{Asked, Spot};

/// Asks it, and remembers a server that does not answer.
pub(in crate::doctor) async fn check(patient: &mut Patient, spot: Spot) -> Finding {
    let asked = match patient.site(spot) {
        Ok(site) => site.get("/healthz").await,
        Err(skip) => return skip,
    };
    if asked.is_err() {
        patient.silent.push(spot);
    }
    judge(&asked, spot)
}

fn judge(asked: &Asked, spot: Spot) -> Finding {
    match asked {
        Err(error) => silent(error, spot),
        Ok(answer) if answer.status == 200 && answer.body == "ok" => Finding::pass(format!("{}: ok", answer.line())),
        Ok(answer) => Finding::fail(
            answer.full_line(),
            "moked answers 200 with `ok` there, so somebody else answered: a proxy, the platform's error page, or \
             another program on the port",
        )
        .code(11_200),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::site::{Answer, NoAnswer};

    #[test]
    fn only_a_plain_ok_is_healthy() {
        let answer = |status, body: &str| Ok(Answer { status, body: body.to_owned(), ..Answer::default() });
        assert!(!judge(&answer(200, "ok"), Spot::Local).is_failure());
        for other in [answer(200, "<html>ok</html>"), answer(200, ""), answer(502, "ok"), answer(301, "")] {
            assert!(judge(&other, Spot::Public).is_failure(), "{other:?}");
        }
        let silent = Err(NoAnswer { asked: "GET x".to_owned(), why: "refused".to_owned(), code: 31_902 });
        let finding = judge(&silent, Spot::Local);
        assert!(finding.mends[0].contains("moked serve") && finding.evidence[0].contains("refused"));
        assert_eq!(finding.codes, [31_902]);
    }
}
