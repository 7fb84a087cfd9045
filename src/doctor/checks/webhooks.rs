//! The webhooks that only tell: their answer is 204, without a body.

use super::silent;
use crate::caller::identity::{Identity, random_stream_sid};
use crate::doctor::finding::Finding;
use crate::doctor::site::{Asked, Signing, Site, Spot, paths};

/// Tells each of them something.
pub(in crate::doctor) async fn check(site: &Site) -> Finding {
    let names = Identity::new(&site.account_sid, "+972501234567", "+97231234567").and_then(|identity| {
        let stream = random_stream_sid()?;
        Ok((
            identity.stream_form(&stream, Some("doctor"), "stream-stopped", ""),
            identity.voice_form("completed"),
        ))
    });
    let (stream, call) = match names {
        Ok(forms) => forms,
        Err(error) => return Finding::skip(error.to_string()),
    };
    let told = [(paths::STREAM_STATUS, &stream), (paths::STREAM_ENDED, &stream), (paths::CALL_STATUS, &call)];
    let mut finding: Option<Finding> = None;
    for (path, form) in told {
        let judged = judge(&site.post(path, form, Signing::Right).await, site.spot);
        finding = Some(match finding {
            None => judged,
            Some(before) => before.and(judged),
        });
    }
    finding.unwrap_or_else(|| Finding::skip("there are none"))
}

fn judge(asked: &Asked, spot: Spot) -> Finding {
    match asked {
        Err(error) => silent(error, spot),
        Ok(answer) if answer.status == 204 => Finding::pass(answer.line()),
        Ok(answer) if answer.status == 403 => {
            Finding::fail(answer.full_line(), "the request was refused: see the check of signatures")
                .code(11_200)
        }
        Ok(answer) => Finding::fail(
            answer.full_line(),
            "moked answers 204 there: see who answered, and whether the path leads to moked",
        )
        .code(11_200),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::site::Answer;

    #[test]
    fn only_204_will_do() {
        let answer = |status| Ok(Answer { status, ..Answer::default() });
        assert!(!judge(&answer(204), Spot::Local).is_failure());
        for status in [200, 403, 404, 500] {
            assert!(judge(&answer(status), Spot::Public).is_failure(), "{status}");
        }
        assert!(judge(&answer(403), Spot::Public).mends[0].contains("signatures"));
    }
}
