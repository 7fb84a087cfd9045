//! Signatures: Twilio's requests are let in, everybody else's are not.

use moked_core::twilio::signature::{RequestKind, url_candidates};

use crate::caller::identity::{Form, Identity, NoRandomness};
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::site::{Asked, Signing, Site, Spot, paths};

/// Answers to a request with the right signature, with a wrong one, and with none.
#[derive(Debug, Clone)]
struct Answers {
    right: Asked,
    wrong: Asked,
    none: Asked,
}

/// The form of a call that rings, as Twilio would send it.
pub(super) fn ringing(site: &Site) -> Result<Form, NoRandomness> {
    Ok(Identity::new(&site.account_sid, "+972501234567", "+97231234567")?.voice_form("ringing"))
}

/// Asks in each way.
pub(in crate::doctor) async fn check(patient: &Patient, spot: Spot) -> Finding {
    if patient.known(spot).is_some_and(|site| site.token.is_none()) {
        // True whether the server answers or not.
        return without_token(spot, patient.public.as_ref().is_some_and(|site| !site.is_on_this_machine()));
    }
    let site = match patient.site(spot) {
        Ok(site) => site,
        Err(skip) => return skip,
    };
    let form = match ringing(site) {
        Ok(form) => form,
        Err(error) => return Finding::skip(error.to_string()),
    };
    let answers = Answers {
        right: site.post(paths::INCOMING_CALL, &form, Signing::Right).await,
        wrong: site.post(paths::INCOMING_CALL, &form, Signing::Wrong).await,
        none: site.post(paths::INCOMING_CALL, &form, Signing::None).await,
    };
    let candidates = url_candidates(&site.signed.to_string(), paths::INCOMING_CALL, RequestKind::Webhook);
    judge(&answers, &candidates, spot)
}

/// Without a token only this machine is let in, which is right for a workshop and wrong for a telephone number.
fn without_token(spot: Spot, has_public_address: bool) -> Finding {
    let what = "TWILIO_AUTH_TOKEN is not set: unsigned requests are taken from this machine only, and a public \
                call would be refused with 403";
    match (spot, has_public_address) {
        (Spot::Public, true) => {
            Finding::fail(what, "set TWILIO_AUTH_TOKEN to the account's auth token from the Twilio console")
                .code(11_200)
        }
        (Spot::Public, false) | (Spot::Local, _) => Finding::skip(what),
    }
}

fn judge(answers: &Answers, candidates: &[String], spot: Spot) -> Finding {
    let right = match &answers.right {
        Err(error) => return super::silent(error, spot),
        Ok(answer) if answer.status == 200 => Finding::pass(format!("signed: {}", answer.line())),
        Ok(answer) if answer.status == 403 => Finding::fail(
            format!("signed: {}", answer.line()),
            "the auth token or the public address differs between here, the server and Twilio: compare \
             TWILIO_AUTH_TOKEN with the account's primary token, TWILIO_ACCOUNT_SID with the account, and \
             PUBLIC_BASE_URL with the webhook in the Twilio console",
        )
        .saw(format!("signed for {}", candidates.first().map_or("nothing", String::as_str)))
        .saw(format!("a server with this address takes {}", candidates.join(" or ")))
        .code(11_200),
        Ok(answer) => Finding::fail(
            format!("signed: {}", answer.full_line()),
            "the voice webhook must answer 200: see whose answer this is, and the server's log",
        )
        .code(11_200),
    };
    right.and(refused("wrongly signed", &answers.wrong)).and(refused("unsigned", &answers.none))
}

fn refused(how: &str, asked: &Asked) -> Finding {
    match asked {
        Err(error) => Finding::pass(format!("{how}: {error}")),
        Ok(answer) if answer.status == 403 => Finding::pass(format!("{how}: 403 in {} ms", answer.ms)),
        Ok(answer) => Finding::fail(
            format!("{how}: {}", answer.line()),
            "the server takes requests that Twilio did not sign: set TWILIO_AUTH_TOKEN at the server too, or find \
             out who answers in its place",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;
    use crate::doctor::site::Answer;

    fn answer(status: u16) -> Asked {
        Ok(Answer { status, ..Answer::default() })
    }

    fn verdict(right: u16, wrong: u16, none: u16) -> Finding {
        let answers = Answers { right: answer(right), wrong: answer(wrong), none: answer(none) };
        judge(
            &answers,
            &["https://a.example/w".to_owned(), "https://a.example:443/w".to_owned()],
            Spot::Public,
        )
    }

    #[test]
    fn the_right_one_alone_is_let_in() {
        assert_eq!(verdict(200, 403, 403).verdict, Verdict::Pass);
        for (right, wrong, none) in [(200, 200, 403), (200, 403, 200), (403, 403, 403), (500, 403, 403)] {
            assert!(verdict(right, wrong, none).is_failure(), "{right} {wrong} {none}");
        }
    }

    #[test]
    fn a_refused_signature_shows_the_addresses_that_would_do() {
        let finding = verdict(403, 403, 403);
        assert!(finding.evidence.iter().any(|line| line.contains("https://a.example:443/w")), "{finding:?}");
        assert_eq!(finding.codes, [11_200]);
    }

    #[test]
    fn no_token_is_a_fault_only_where_twilio_is_to_come() {
        assert!(without_token(Spot::Public, true).is_failure());
        assert_eq!(without_token(Spot::Local, true).verdict, Verdict::Skip);
        assert_eq!(without_token(Spot::Public, false).verdict, Verdict::Skip);
    }
}
