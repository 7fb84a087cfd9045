//! How often an address came with a wrong token, and when it has to wait.
//!
//! A good secret is not guessed in the life of the sun; what is limited here is the work and the log lines that a
//! guesser costs. Whoever comes through a proxy of `server.trusted_proxies` is counted by his own address, so
//! that a stranger behind it does not lock the operators out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Wrong tokens that an address may bring within [`WINDOW`].
const ALLOWED: u32 = 10;

/// The time in which they are counted; it begins with the first.
const WINDOW: Duration = Duration::from_secs(60);

/// Addresses that are remembered: what a stranger with many of them can make us hold.
const REMEMBERED: usize = 4_096;

/// Failed logins by address.
#[derive(Debug, Default)]
pub(super) struct FailedLogins(Mutex<HashMap<IpAddr, Failures>>);

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

impl FailedLogins {
    /// How long the address has to wait, if it has to.
    pub(super) fn wait(&self, address: IpAddr, now: Instant) -> Option<Duration> {
        let failures = *self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&network(address))?;
        let left = (failures.since + WINDOW).checked_duration_since(now)?;
        (failures.count >= ALLOWED && !left.is_zero()).then_some(left)
    }

    /// The address brought a wrong token.
    pub(super) fn failed(&self, address: IpAddr, now: Instant) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.retain(|_, failures| now.saturating_duration_since(failures.since) < WINDOW);
        }
        if all.len() >= REMEMBERED
            && let Some(oldest) =
                all.iter().min_by_key(|(_, failures)| failures.since).map(|(address, _)| *address)
        {
            all.remove(&oldest);
        }
        let failures = all.entry(network(address)).or_insert(Failures { since: now, count: 0 });
        if now.saturating_duration_since(failures.since) >= WINDOW {
            *failures = Failures { since: now, count: 0 };
        }
        failures.count += 1;
    }
}

/// What one customer of a network provider has: an IPv4 address, or 64 bits of an IPv6 one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_eleventh_attempt_of_a_minute_waits_and_others_do_not() {
        let (logins, now) = (FailedLogins::default(), Instant::now());
        for attempt in 0..ALLOWED {
            assert_eq!(logins.wait(address("203.0.113.7"), now), None, "attempt {attempt}");
            logins.failed(address("203.0.113.7"), now);
        }
        let later = now + Duration::from_secs(20);
        assert_eq!(logins.wait(address("203.0.113.7"), later), Some(Duration::from_secs(40)));
        assert_eq!(logins.wait(address("203.0.113.8"), later), None);
        assert_eq!(logins.wait(address("203.0.113.7"), now + WINDOW), None);
        logins.failed(address("203.0.113.7"), now + WINDOW);
        assert_eq!(logins.wait(address("203.0.113.7"), now + WINDOW), None, "it begins anew");
    }

    #[test]
    fn one_customer_of_an_ipv6_network_is_one_address() {
        let (logins, now) = (FailedLogins::default(), Instant::now());
        for host in 0..ALLOWED {
            logins.failed(address(&format!("2001:db8:1:2::{host:x}")), now);
        }
        assert!(logins.wait(address("2001:db8:1:2:ffff::1"), now).is_some());
        assert!(logins.wait(address("2001:db8:1:3::1"), now).is_none());
    }

    #[test]
    fn a_flood_of_addresses_is_not_remembered_for_ever() {
        let (logins, now) = (FailedLogins::default(), Instant::now());
        for host in 0..2 * REMEMBERED as u32 {
            logins.failed(IpAddr::from(host.to_be_bytes()), now);
        }
        assert_eq!(logins.0.lock().unwrap().len(), REMEMBERED);
    }
}
