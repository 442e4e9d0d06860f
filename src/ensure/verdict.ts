export type VerdictName = 'present' | 'equivalent' | 'different' | 'absent' | 'denied' | 'unreachable';
