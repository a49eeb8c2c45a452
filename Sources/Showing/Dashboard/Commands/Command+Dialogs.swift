internal import TerminalKit

/// The rows of the layers on top of screens.
extension Command {
  static let dialogs: [Command] = [
    Command(
      .previousField, .dialogs, [.up, .backTab], on: [.form, .named], "to the field above"),
    Command(.nextField, .dialogs, [.down, .tab], on: [.form, .named], "to the field below"),
    Command(
      .previousChoice, .dialogs, [.left], on: [.form, .named], "the choice before of a field"),
    Command(.nextChoice, .dialogs, [.right], on: [.form, .named], "the next choice of a field"),
    Command(
      .toggle, .dialogs, [.character(" ")], on: [.form, .named], mustBeMeant: true,
      "the next choice where nothing is typed; on a check that fails, override it"),
    Command(
      .goOn, .dialogs, [.enter], on: [.form], mustBeMeant: true,
      "go on to the words of what will be done"),
    // Not the key that goes on to the words, so that pressing one key again and again sends
    // nothing.
    Command(
      .send, .dialogs, [.character("y")], on: [.review], mustBeMeant: true,
      "send what has been put into words"),
    Command(.goBack, .dialogs, [.escape], on: [.review], "back to the fields"),
    Command(
      .sendNamed, .dialogs, [.enter], on: [.named], mustBeMeant: true,
      "send it, from the last line with the shard's name typed"),
    Command(
      .releaseRule, .dialogs, [.enter, .character("u")], on: [.rules], mustBeMeant: true,
      "release the selected app"),
    Command(
      .renewRule, .dialogs, [.character("r")], on: [.rules], mustBeMeant: true,
      "renew the selected app's rule"),
    Command(
      .confirmPermission, .dialogs, [.enter], on: [.permission], mustBeMeant: true,
      "allow actions, with yes typed"),
    Command(
      .cancel, .dialogs, [.escape], on: [.form, .named, .rules, .permission],
      "cancel: nothing is done"),
    Command(
      .closeAction, .dialogs, [.escape], on: [.progress], "close it; what runs goes on",
      changes: { $0.layers.pop() }),
    Command(
      .closeEndedAction, .dialogs, [.enter], on: [.progress], mustBeMeant: true,
      "close it, once it has ended"),
    Command(
      .breakOff, .dialogs, [.character("x")], on: [.progress], mustBeMeant: true,
      "while a reparent runs, ask whether to break its call off"),
    Command(
      .confirmBreakOff, .dialogs, [.character("y")], on: [.breakOff], mustBeMeant: true,
      "break the call off"),
    Command(
      .confirmLeaving, .dialogs, [.character("q")], on: [.leave], mustBeMeant: true,
      "leave the program"),
    Command(
      .dismiss, .dialogs, [.escape], orAnyKey: true, on: [.breakOff, .leave], mustBeMeant: true,
      "no: all goes on as it is", changes: { $0.layers.pop() }),
    Command(
      .startClients, .dialogs, [.character("c")], on: [.scenario], mustBeMeant: true,
      "let the clients that have ended begin again", asks: { _ in [.lab("start-clients")] }),
    Command(
      .closeScenario, .dialogs, [.escape, .enter, .character("S")], on: [.scenario], "close it",
      changes: { $0.layers.pop() }),
    Command(
      .closeNotice, .dialogs, [.escape], orAnyKey: true, on: [.notice], mustBeMeant: true,
      "close it", changes: { $0.layers.pop() }),
  ]

  static let typing: [Command] = [
    Command(.complete, .typing, [.tab], on: [.palette], "complete the word"),
    Command(
      .runCommand, .typing, [.enter], on: [.palette], mustBeMeant: true,
      "run the command that is typed or chosen"),
    Command(.closePalette, .typing, [.escape], on: [.palette], "close it"),
    Command(.keepFilter, .typing, [.enter], on: [.filter], "keep it"),
    Command(.removeFilter, .typing, [.escape], on: [.filter], "remove it"),
    Command(
      .showAllHelp, .typing, [.escape], on: [.help], "show all of it again; then close it"),
    Command(
      .closeHelp, .typing, [.enter, .character("?")], on: [.help], "close it",
      changes: { $0.layers.pop() }),
    Command(
      .deleteCharacter, .typing, [.backspace], on: Place.typing, "delete a character",
      changes: { $0.edit(.backspace) }),
    Command(
      .deleteWord, .typing, [.control("w")], on: Place.typing, "delete a word",
      changes: { $0.edit(.control("w")) }),
    Command(
      .clearLine, .typing, [.control("u")], on: Place.typing, "clear the line",
      changes: { $0.edit(.control("u")) }),
  ]
}
