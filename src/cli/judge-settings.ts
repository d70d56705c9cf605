/** How rules are judged: the options of the command line over the configuration. */
import { parseDuration } from '../base/nanos.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { JudgeSettings } from '../engine/verdict.ts';
import type { ClosingLimits } from '../history/check/closing-limits.ts';
import { commandLineError, type Invocation, isOn, optionValue } from './arguments.ts';
import type { Configuration } from './configuration.ts';

/** What is wrong with the values of `--clock-skew` and the like. */
export function judgeOptionProblems(invocation: Invocation): Diagnostic[] {
  return DURATION_OPTIONS.flatMap((name) => {
    const given = optionValue(invocation, name);
    if (given === null || parseDuration(given.value) !== null) return [];
    const unit = /^\d+(?:\.\d+)?$/.test(given.value) ? `${given.value}ms` : '5ms';
    return commandLineError(
      invocation.commandLine,
      given.range,
      'FL708',
      `\`${given.value}\` is not a duration`,
      `say a number with a unit and no blank, such as \`--${name} ${unit}\``,
    );
  });
}

const DURATION_OPTIONS = ['clock-skew', 'clock-resolution'] as const;

export function judgeSettings(invocation: Invocation, configuration: Configuration): JudgeSettings {
  const duration = (name: (typeof DURATION_OPTIONS)[number]) =>
    parseDuration(optionValue(invocation, name)?.value ?? '');
  return {
    clockSkewNanos: duration('clock-skew') ?? configuration.clockSkew,
    clockResolutionNanos: duration('clock-resolution') ?? configuration.clockResolution,
    defaultEnvironment: optionValue(invocation, 'environment')?.value ?? configuration.environment,
    sampling: isOn(invocation, 'sampling') || configuration.sampling,
    maxGroupAgeNanos: configuration.limits.maxGroupAge,
    maxSpans: configuration.limits.maxSpans,
    maxComparisons: configuration.limits.maxComparisons,
  };
}

export function closingLimits({ limits }: Configuration): ClosingLimits {
  return {
    idle: limits.idle,
    idleAfterRoot: limits.idleAfterRoot,
    maxAge: limits.maxAge,
    maxSpans: limits.maxSpans,
  };
}
