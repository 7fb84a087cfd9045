//! The longest call: the caller is told that it nears, then hears last words, and only then is it ended.

use std::time::Duration;

use actix::{AsyncContext, Context};
use moked_core::asides::Asides;
use moked_core::turn::LastWords;

use super::CallSupervisor;
use crate::messages::{Announce, CallEnd, SayGoodbye};

/// How long the last words may take, with the five seconds that a turn under way gets before them. Then the call
/// ends, heard or not.
const LAST_WORDS: Duration = Duration::from_secs(20);

impl CallSupervisor {
    /// Sets the times at which the caller is told, and at which the call ends.
    pub(super) fn watch_the_time(&self, ctx: &mut Context<Self>) {
        let (longest, before) = (self.host.settings.longest_call, self.host.settings.warn_before_end);
        let asides = Asides::of(self.brief.language);
        // A call that is to be shorter than the warning is long is not told at its beginning that it ends.
        if let Some(warning) = longest.checked_sub(before * 2).map(|spare| spare + before)
            && !before.is_zero()
        {
            ctx.run_later(warning, |actor, _| {
                tracing::info!(event = "TIME_IS_SHORT", "the call nears its longest; the caller is told");
                actor.links.dialog.tell(Announce(asides.time_is_short.to_owned()));
            });
        }
        ctx.run_later(longest, |actor, ctx| {
            let words = asides.time_is_up.to_owned();
            actor.links.dialog.tell(SayGoodbye { words, why: LastWords::TimeIsUp });
            ctx.run_later(LAST_WORDS, |actor, ctx| actor.finish(CallEnd::TooLong, ctx));
        });
    }
}
