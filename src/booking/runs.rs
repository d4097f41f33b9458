//! Stretches of working time: joined where they touch, and cut where somebody is away.

use crate::store::Millis;

/// Instants from `from` to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The first.
    pub from: Millis,
    /// Where it ends.
    pub to: Millis,
}

impl Run {
    /// Whether all of the other is in it.
    pub fn holds(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

/// The same instants in as few runs as can be, in the order of time.
pub fn join(mut runs: Vec<Run>) -> Vec<Run> {
    runs.sort_unstable();
    runs.dedup_by(|next, last| {
        let touches = next.from <= last.to;
        if touches {
            last.to = last.to.max(next.to);
        }
        touches
    });
    runs
}

/// What is left without the hole.
pub fn cut(runs: Vec<Run>, hole: Run) -> Vec<Run> {
    let parts = |run: Run| {
        let before = Run { from: run.from, to: run.to.min(hole.from) };
        let after = Run { from: run.from.max(hole.to), to: run.to };
        // A run that the hole does not touch would be both.
        let apart = hole.to <= run.from || run.to <= hole.from;
        let parts = if apart { [Some(run), None] } else { [Some(before), Some(after)] };
        parts.into_iter().flatten().filter(|part| part.from < part.to)
    };
    runs.into_iter().flat_map(parts).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some_runs() -> impl Strategy<Value = Vec<Run>> {
        prop::collection::vec(
            (0..100_i64, 1..30_i64).prop_map(|(from, long)| Run { from, to: from + long }),
            0..8,
        )
    }

    fn instants(runs: &[Run]) -> Vec<bool> {
        (0..200).map(|at| runs.iter().any(|run| run.from <= at && at < run.to)).collect()
    }

    proptest! {
        #[test]
        fn joined_runs_are_the_same_instants_and_do_not_touch(runs in some_runs()) {
            let joined = join(runs.clone());
            prop_assert_eq!(instants(&joined), instants(&runs));
            prop_assert!(joined.is_sorted_by(|one, next| one.to < next.from));
        }

        #[test]
        fn a_hole_takes_its_instants_and_no_others(runs in some_runs(), from in 0..120_i64, long in 0..60_i64) {
            let hole = Run { from, to: from + long };
            let left = cut(join(runs.clone()), hole);
            let gone = instants(&[hole]);
            let expected: Vec<_> = instants(&runs).into_iter().zip(gone).map(|(was, gone)| was && !gone).collect();
            prop_assert_eq!(instants(&left), expected);
            prop_assert!(left.iter().all(|run| run.from < run.to));
        }
    }
}
