//! The table.

use std::process::ExitCode;

/// Rows as they are measured, and what must hold whatever the machine does.
#[derive(Default)]
pub struct Report {
    rows: Vec<[String; 6]>,
    broken: Vec<String>,
}

impl Report {
    /// Ours against a peer, in nanoseconds; the goal is a ratio. Others are shown only.
    pub fn ratio(&mut self, what: &str, goal: f64, ours: f64, peer: f64, others: &str) {
        let ratio = ours / peer;
        self.row(what, format!("{goal:.2} x"), format!("{ratio:.2} x"), ratio <= goal, time(ours), {
            if others.is_empty() { time(peer) } else { format!("{}; {others}", time(peer)) }
        });
    }

    /// A time by itself.
    pub fn time(&mut self, what: &str, goal: f64, ours: f64) {
        self.row(what, time(goal), time(ours), ours <= goal, time(ours), String::new());
    }

    /// A count, which must not be above the goal.
    pub fn allocations(&mut self, what: &str, goal: usize, found: usize, peer: usize) {
        self.row(what, goal.to_string(), found.to_string(), found <= goal, found.to_string(), peer.to_string());
        self.must(found <= goal, format!("{what}: {found}, where {goal} are allowed"));
    }

    /// Something that must hold.
    pub fn must(&mut self, holds: bool, what: impl Into<String>) {
        if !holds {
            self.broken.push(what.into());
        }
    }

    fn row(&mut self, what: &str, goal: String, found: String, met: bool, ours: String, peer: String) {
        let met = if met { "met" } else { "MISSED" };
        let row = [what.to_owned(), goal, found, met.to_owned(), ours, peer];
        println!("{:<56} {:>9} {:>9}  {:<6} {:>9}  {}", row[0], row[1], row[2], row[3], row[4], row[5]);
        self.rows.push(row);
    }

    /// How many goals were met, and whether anything is broken.
    pub fn print(self) -> ExitCode {
        let met = self.rows.iter().filter(|row| row[3] == "met").count();
        println!("\n{met} of {} goals met", self.rows.len());
        for broken in &self.broken {
            println!("BROKEN: {broken}");
        }
        if self.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Nanoseconds for people.
pub fn time(ns: f64) -> String {
    match ns {
        ..1e3 => format!("{ns:.0} ns"),
        ..1e6 => format!("{:.1} us", ns / 1e3),
        _ => format!("{:.2} ms", ns / 1e6),
    }
}
