internal import ArgumentParser

/// Where settings are read.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The configuration file. (default: sluice/config.toml below $XDG_CONFIG_HOME or ~/.config)",
      valueName: "file"), completion: .file(extensions: ["toml"]))
  var config: String?

  @Flag(help: "Read no configuration file; without it no action is taken.")
  var noConfig = false

  func validate() throws {
    if noConfig, config != nil {
      throw ValidationError("--config and --no-config exclude each other")
    }
  }
}

/// Every setting that there is.
struct AllSettings: ParsableArguments {
  @OptionGroup var fleet: FleetOptions
  @OptionGroup(title: OptionSection.vtctld) var vtctld: VtctldOptions
  @OptionGroup(title: OptionSection.screen) var display: DisplayOptions
  @OptionGroup(title: OptionSection.attention) var attention: AttentionOptions
  @OptionGroup(title: OptionSection.look) var look: LookOptions
  @OptionGroup(title: OptionSection.recording) var recording: RecordOptions
  @OptionGroup(title: OptionSection.recording) var folder: RecordFolderOptions
  @OptionGroup(title: OptionSection.alerts) var alerts: AlertOptions
}
