//! The call as a picture: both voices against time, and what passed between them.
//!
//! An SVG that needs no script, no style sheet and no font of its own, in mid-tones that stand on white and
//! on black alike. A latency is an arrow from the end of the caller's voice to the beginning of the agent's,
//! so a slow turn is a long arrow.

mod envelope;
mod scene;

use moked_core::audio::mulaw;

use super::ear::EarEvent;
use super::report::{ActKind, StreamReport, Turn};
use scene::{Anchor, Scene};

const LEFT: f64 = 84.0;
const RIGHT: f64 = 24.0;
const CALLER_TOP: f64 = 46.0;
const LANE: f64 = 84.0;
const ARROWS_TOP: f64 = CALLER_TOP + LANE;
const ARROWS: f64 = 56.0;
const AGENT_TOP: f64 = ARROWS_TOP + ARROWS;
const MARKS_TOP: f64 = AGENT_TOP + LANE + 6.0;
const STATES_TOP: f64 = MARKS_TOP + 18.0;
const STATES: f64 = 10.0;
const AXIS: f64 = STATES_TOP + STATES + 12.0;
const LEGEND: f64 = AXIS + 52.0;
const HEIGHT: f64 = LEGEND + 22.0;

const CALLER: &str = "#3b82f6";
const AGENT: &str = "#d97706";
const THINKING: &str = "#a855f7";
const LISTENING: &str = "#6b9a86";
const ALARM: &str = "#e5484d";
const INK: &str = "#7c8591";
const FAINT: &str = "#9aa3ad";

/// Draws a stream. The picture is as wide as the call is long, between 900 and 6,000 units.
pub fn draw(stream: &StreamReport) -> String {
    let seconds = (stream.duration_ms as f64 / 1_000.0).max(1.0);
    let plot = (seconds * 70.0).clamp(900.0 - LEFT - RIGHT, 6_000.0 - LEFT - RIGHT);
    let picture = Picture { stream, scale: plot / (seconds * 1_000.0), plot };
    let mut scene = Scene::new(LEFT + plot + RIGHT, HEIGHT);
    picture.axis(&mut scene, seconds);
    picture.lanes(&mut scene);
    picture.turns(&mut scene);
    picture.ear(&mut scene);
    picture.states(&mut scene);
    legend(&mut scene);
    scene.finish("A phone call: caller above, agent below, time to the right")
}

struct Picture<'a> {
    stream: &'a StreamReport,
    scale: f64,
    plot: f64,
}

impl Picture<'_> {
    fn x(&self, ms: u64) -> f64 {
        LEFT + (ms as f64 * self.scale).min(self.plot)
    }

    fn axis(&self, scene: &mut Scene, seconds: f64) {
        let step = [1_u64, 2, 5, 10, 20, 30, 60, 120, 300]
            .into_iter()
            .find(|&step| step as f64 * 1_000.0 * self.scale >= 60.0)
            .unwrap_or(600);
        for second in (0..=seconds as u64).step_by(step as usize) {
            let x = self.x(second * 1_000);
            scene.line((x, CALLER_TOP - 6.0), (x, AXIS), FAINT, 0.25);
            scene.text((x, AXIS + 15.0), Anchor::Middle, 11.0, INK, &second.to_string());
        }
        scene.line((LEFT, AXIS), (LEFT + self.plot, AXIS), INK, 0.8);
        scene.text((LEFT - 12.0, AXIS + 15.0), Anchor::End, 11.0, INK, "seconds");
    }

    fn lanes(&self, scene: &mut Scene) {
        let tracks = &self.stream.tracks;
        let lanes =
            [("caller", &tracks.caller, CALLER_TOP, CALLER), ("agent", &tracks.agent, AGENT_TOP, AGENT)];
        for (name, track, top, colour) in lanes {
            let middle = top + LANE / 2.0;
            scene.text((LEFT - 12.0, middle + 4.0), Anchor::End, 13.0, colour, name);
            scene.line((LEFT, middle), (LEFT + self.plot, middle), colour, 0.35);
            let samples = mulaw::decode(track);
            let columns = envelope::columns(&samples, self.scale);
            let path = envelope::path(&columns, LEFT, middle, LANE / 2.0);
            scene.path(&path, colour, 0.9);
        }
    }

    fn turns(&self, scene: &mut Scene) {
        let starts = self.stream.turns.iter().skip(1).map(|turn| self.x(turn.from_ms));
        let ends = starts.chain([LEFT + self.plot]);
        for (turn, end) in self.stream.turns.iter().zip(ends) {
            self.words(scene, turn, end);
            self.latency(scene, turn);
            self.reaction(scene, turn);
        }
        if let Some(greeting_ms) = self.stream.greeting_ms {
            let label = format!("greeting {}", seconds_label(greeting_ms));
            let x = self.x(greeting_ms);
            scene.arrow((LEFT, ARROWS_TOP + 40.0), x, LISTENING);
            scene.text((x + 5.0, ARROWS_TOP + 44.0), Anchor::Start, 11.0, LISTENING, &label);
        }
    }

    /// What the caller did, above the voice, cut to the room before the next turn.
    fn words(&self, scene: &mut Scene, turn: &Turn, end: f64) {
        let x = self.x(turn.from_ms);
        if turn.kind == ActKind::Keys {
            let keys = turn.what.chars().count().max(1) as u64;
            let beat = (turn.to_ms - turn.from_ms) / keys;
            for (n, key) in (0_u64..).zip(turn.what.chars()) {
                scene.key((self.x(turn.from_ms + n * beat), CALLER_TOP + LANE / 2.0), CALLER, key);
            }
            return;
        }
        const LETTER: f64 = 6.4;
        let room = ((end - x) / LETTER).max(2.0) as usize;
        let mut text: String = turn.what.chars().take(room).collect();
        if turn.what.chars().nth(room).is_some() {
            text = turn.what.chars().take(room - 1).chain(['…']).collect();
        }
        scene.text((x, CALLER_TOP - 12.0), Anchor::Start, 12.0, CALLER, &text);
    }

    fn latency(&self, scene: &mut Scene, turn: &Turn) {
        let (Some(answer_ms), Some(latency_ms @ 0..)) = (turn.answer_ms, turn.latency_ms) else { return };
        let (from, to, y) = (self.x(turn.to_ms), self.x(answer_ms), ARROWS_TOP + 18.0);
        scene.dashed((from, CALLER_TOP + LANE / 2.0), (from, y), INK);
        scene.dashed((to, y), (to, AGENT_TOP + LANE / 2.0), INK);
        scene.arrow((from, y), to, INK);
        let label = seconds_label(latency_ms.unsigned_abs());
        scene.text(((from + to) / 2.0, y - 5.0), Anchor::Middle, 12.0, INK, &label);
    }

    fn reaction(&self, scene: &mut Scene, turn: &Turn) {
        let Some(clear_ms) = turn.reaction.and_then(|reaction| reaction.clear_after_ms) else { return };
        let (from, to, y) = (self.x(turn.from_ms), self.x(turn.from_ms + clear_ms), ARROWS_TOP + 40.0);
        scene.dashed((from, CALLER_TOP + LANE / 2.0), (from, y), ALARM);
        scene.arrow((from, y), to, ALARM);
        let label = format!("clear {}", seconds_label(clear_ms));
        scene.text((to + 5.0, y + 4.0), Anchor::Start, 11.0, ALARM, &label);
    }

    /// Marks, clears and holes, at and below the agent's lane.
    fn ear(&self, scene: &mut Scene) {
        for entry in &self.stream.log {
            let x = self.x(entry.at_ms);
            match &entry.event {
                EarEvent::MarkPlayed { .. } => scene.diamond((x, MARKS_TOP + 5.0), AGENT, true),
                EarEvent::MarkCleared { .. } => scene.diamond((x, MARKS_TOP + 5.0), ALARM, false),
                EarEvent::Cleared { .. } => scene.bar((x, ARROWS_TOP + 34.0), AGENT_TOP + LANE, ALARM),
                EarEvent::Underrun { .. } => scene.triangle((x, AGENT_TOP + LANE - 4.0), ALARM),
                EarEvent::MarkQueued { .. }
                | EarEvent::AgentBegan
                | EarEvent::AgentFinished { .. }
                | EarEvent::Overflow { .. } => {}
            }
        }
        scene.text((LEFT - 12.0, MARKS_TOP + 9.0), Anchor::End, 11.0, INK, "marks");
    }

    /// Listening, thinking, speaking: as a caller would tell them apart by ear.
    fn states(&self, scene: &mut Scene) {
        scene.text((LEFT - 12.0, STATES_TOP + 9.0), Anchor::End, 11.0, INK, "state");
        scene.rect((LEFT, STATES_TOP), self.plot, STATES, LISTENING, 0.35);
        for turn in &self.stream.turns {
            if let (Some(answer_ms), Some(0..)) = (turn.answer_ms, turn.latency_ms) {
                self.state(scene, turn.to_ms, answer_ms, THINKING);
            }
        }
        for span in &self.stream.agent_spans {
            self.state(scene, span.from_ms, span.to_ms, AGENT);
        }
    }

    fn state(&self, scene: &mut Scene, from_ms: u64, to_ms: u64, colour: &str) {
        let (from, to) = (self.x(from_ms), self.x(to_ms));
        scene.rect((from, STATES_TOP), (to - from).max(1.0), STATES, colour, 0.9);
    }
}

fn legend(scene: &mut Scene) {
    let mut x = LEFT;
    for (colour, label) in [(LISTENING, "listening"), (THINKING, "thinking"), (AGENT, "speaking")] {
        let opacity = if colour == LISTENING { 0.35 } else { 0.9 };
        scene.rect((x, LEGEND - 9.0), 16.0, STATES, colour, opacity);
        scene.text((x + 22.0, LEGEND), Anchor::Start, 11.0, INK, label);
        x += 92.0;
    }
    scene.diamond((x + 6.0, LEGEND - 4.0), AGENT, true);
    scene.text((x + 18.0, LEGEND), Anchor::Start, 11.0, INK, "mark played");
    x += 108.0;
    scene.diamond((x + 6.0, LEGEND - 4.0), ALARM, false);
    scene.text((x + 18.0, LEGEND), Anchor::Start, 11.0, INK, "mark cleared");
    x += 114.0;
    scene.bar((x + 4.0, LEGEND - 11.0), LEGEND + 2.0, ALARM);
    scene.text((x + 14.0, LEGEND), Anchor::Start, 11.0, INK, "clear");
    x += 68.0;
    scene.triangle((x + 6.0, LEGEND - 1.0), ALARM);
    scene.text((x + 18.0, LEGEND), Anchor::Start, 11.0, INK, "gap");
    x += 62.0;
    scene.arrow((x, LEGEND - 4.0), x + 28.0, INK);
    scene.text((x + 36.0, LEGEND), Anchor::Start, 11.0, INK, "end of speech to first sound of the answer");
}

fn seconds_label(ms: u64) -> String {
    format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10)
}

#[cfg(test)]
mod tests;
