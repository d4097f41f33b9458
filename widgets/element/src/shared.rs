//! State that views follow: a Leptos signal, asked through functions that are compiled once for each kind of state and
//! not once for each question. The signal itself holds a state of any kind: what Leptos does for one is compiled once.

use std::any::Any;
use std::marker::PhantomData;

use leptos::prelude::*;

/// A state. Cheap to copy: all copies are the same state. It goes with the element that made it; asked afterwards it
/// answers with defaults, since an answer of the gateway may come when nobody looks any more.
pub struct Shared<T: 'static>(Kept, PhantomData<fn() -> T>);

/// The signal behind a state.
type Kept = RwSignal<Anything>;

type Anything = Box<dyn Any + Send + Sync>;

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

impl<T: Send + Sync + 'static> Shared<T> {
    /// A state of the element that is being made.
    pub fn new(state: T) -> Self {
        Self(keep(Box::new(state)), PhantomData)
    }

    /// Looks at the state as it is now.
    pub fn look<R: Default>(self, read: impl FnOnce(&T) -> R) -> R {
        let (mut read, mut answer) = (Some(read), R::default());
        self.look_at(&mut |state| answer = read.take().map(|read| read(state)).unwrap_or_default());
        answer
    }

    /// Whether something holds of the state as it is now; of none where the element is gone.
    #[inline(never)]
    pub fn is(self, holds: fn(&T) -> bool) -> bool {
        let mut answer = false;
        self.look_at(&mut |state| answer = holds(state));
        answer
    }

    /// Looks at the state, and again whenever it has changed.
    pub fn follow<R: Default>(self, read: impl Fn(&T) -> R) -> R {
        let mut answer = R::default();
        self.follow_at(&mut |state| answer = read(state));
        answer
    }

    /// Changes the state. The answer is a default where the element is gone.
    pub fn change<R: Default>(self, change: impl FnOnce(&mut T) -> R) -> R {
        let (mut change, mut answer) = (Some(change), R::default());
        self.change_at(&mut |state| answer = change.take().map(|change| change(state)).unwrap_or_default());
        answer
    }

    /// Changes what nobody follows: the views are not asked again.
    pub fn note(self, change: impl FnOnce(&mut T)) {
        let mut change = Some(change);
        self.note_at(&mut |state| change.take().into_iter().for_each(|change| change(state)));
    }

    /// Whether the element is gone.
    pub fn is_gone(self) -> bool {
        self.0.is_disposed()
    }

    #[inline(never)]
    fn look_at(self, read: &mut dyn FnMut(&T)) {
        look(self.0, &mut |kept| kept.downcast_ref().into_iter().for_each(&mut *read));
    }

    #[inline(never)]
    fn follow_at(self, read: &mut dyn FnMut(&T)) {
        follow(self.0, &mut |kept| kept.downcast_ref().into_iter().for_each(&mut *read));
    }

    #[inline(never)]
    fn change_at(self, change: &mut dyn FnMut(&mut T)) {
        self::change(self.0, &mut |kept| kept.downcast_mut().into_iter().for_each(&mut *change));
    }

    #[inline(never)]
    fn note_at(self, change: &mut dyn FnMut(&mut T)) {
        note(self.0, &mut |kept| kept.downcast_mut().into_iter().for_each(&mut *change));
    }
}

#[inline(never)]
fn keep(state: Anything) -> Kept {
    RwSignal::new(state)
}

#[inline(never)]
fn look(kept: Kept, read: &mut dyn FnMut(&Anything)) {
    _ = kept.try_with_untracked(read);
}

#[inline(never)]
fn follow(kept: Kept, read: &mut dyn FnMut(&Anything)) {
    _ = kept.try_with(read);
}

#[inline(never)]
fn change(kept: Kept, change: &mut dyn FnMut(&mut Anything)) {
    _ = kept.try_update(change);
}

#[inline(never)]
fn note(kept: Kept, change: &mut dyn FnMut(&mut Anything)) {
    _ = kept.try_update_untracked(change);
}
