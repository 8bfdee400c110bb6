/* mediasoup links the static library of each dependency whole, so each stand-in needs one of its own. */
int stand_in_for_a_system_library;
