/** How rules are judged: the options of the command line over the configuration. */
import { parseDuration } from '../base/nanos.ts';
import type { Diagnostic } from '../diagnostic/diagnostic.ts';
import type { JudgeSettings } from '../engine/verdict.ts';
import type { ClosingLimits } from '../history/check/closing-limits.ts';
import { commandLineError, type Invocation, isOn, optionValue } from './arguments.ts';
import type { Configuration } from './configuration.ts';

/** What is wrong with the values of `--clock-skew` and the like. */
export function judgeOptionProblems(invocation: Invocation): Diagnostic[] {
  const skew = optionValue(invocation, 'clock-skew');
  if (skew === null || parseDuration(skew.value) !== null) return [];
  const unit = /^\d+(?:\.\d+)?$/.test(skew.value) ? `${skew.value}ms` : '5ms';
  return [
    commandLineError(
      invocation.commandLine,
      skew.range,
      'FL708',
      `\`${skew.value}\` is not a duration`,
      `say a number with a unit and no blank, such as \`--clock-skew ${unit}\``,
    ),
  ];
}

export function judgeSettings(invocation: Invocation, configuration: Configuration): JudgeSettings {
  const skew = optionValue(invocation, 'clock-skew');
  return {
    clockSkewNanos: (skew === null ? null : parseDuration(skew.value)) ?? configuration.clockSkew,
    defaultEnvironment: optionValue(invocation, 'environment')?.value ?? configuration.environment,
    sampling: isOn(invocation, 'sampling') || configuration.sampling,
    maxGroupAgeNanos: configuration.limits.maxGroupAge,
    maxSpans: configuration.limits.maxSpans,
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
