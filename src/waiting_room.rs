//! Places for media sockets that have not yet said whose they are.
//!
//! The token comes in the stream's first message, so a socket is open before anybody knows whether it may be.
//! That time is bounded by `call.start_timeout_ms`, and the number of such sockets here, in all and for each
//! address, so that who opens thousands takes no place from callers (what CVE-2026-32062 was about elsewhere).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places of a process.
#[derive(Debug)]
pub(crate) struct WaitingRoom {
    places: usize,
    places_per_address: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<Option<IpAddr>, usize>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// All are taken.
    Everywhere,
    /// This address has all that it may have.
    OfAddress,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    address: Option<IpAddr>,
    taken: Arc<Mutex<Taken>>,
}

impl WaitingRoom {
    /// A room of so many places, of which one address may take so many.
    pub(crate) fn new(places: usize, places_per_address: usize) -> Self {
        Self { places, places_per_address, taken: Arc::default() }
    }

    /// Takes a place. Connections without an address count as of one.
    pub(crate) fn enter(&self, address: Option<IpAddr>) -> Result<Place, Full> {
        let mut taken = lock(&self.taken);
        if taken.all >= self.places {
            return Err(Full::Everywhere);
        }
        let of_address = taken.by_address.entry(address).or_default();
        if *of_address >= self.places_per_address {
            return Err(Full::OfAddress);
        }
        *of_address += 1;
        taken.all += 1;
        Ok(Place { address, taken: Arc::clone(&self.taken) })
    }

    /// Places taken now.
    pub(crate) fn taken(&self) -> usize {
        lock(&self.taken).all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.all -= 1;
        if let Some(of_address) = taken.by_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

/// Two numbers are whole whoever panicked beside them.
fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, last]))
    }

    #[test]
    fn one_address_cannot_take_all_places_and_all_addresses_no_more_than_there_are() {
        let room = WaitingRoom::new(3, 2);
        let _first = room.enter(from(1)).unwrap();
        let second = room.enter(from(1)).unwrap();
        assert_eq!(room.enter(from(1)).unwrap_err(), Full::OfAddress);
        let _third = room.enter(from(2)).unwrap();
        assert_eq!(room.enter(from(3)).unwrap_err(), Full::Everywhere);
        drop(second);
        let _again = room.enter(from(1)).unwrap();
        assert_eq!(room.taken(), 3);
    }

    #[test]
    fn a_room_that_emptied_remembers_no_address() {
        let room = WaitingRoom::new(10, 10);
        drop([room.enter(from(1)).unwrap(), room.enter(None).unwrap()]);
        assert_eq!(room.taken(), 0);
        assert!(lock(&room.taken).by_address.is_empty());
    }
}
