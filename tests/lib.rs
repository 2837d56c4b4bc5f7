//! Tests over the whole live beside this file; there is nothing to use here.
