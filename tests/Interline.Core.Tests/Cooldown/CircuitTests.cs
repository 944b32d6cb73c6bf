using Interline.Core.Cooldown;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Cooldown;

public class CircuitTests
{
    [Fact]
    public void A_closed_circuit_lets_everybody_pass_and_an_open_one_whoever_was_sent_before()
    {
        var circuit = new Circuit();
        circuit.TryEnter(5, force: false, out bool probe).ShouldBeTrue();
        probe.ShouldBeFalse();
        circuit.Open(until: 10, rateLimited: true);
        circuit.RateLimited.ShouldBeTrue();
        circuit.TryEnter(9, force: false, out probe).ShouldBeTrue();
        probe.ShouldBeFalse();
        circuit.IsProbing.ShouldBeFalse();
    }

    [Fact]
    public void After_the_cooldown_one_call_tries_and_only_who_has_nowhere_else_to_go_joins_it()
    {
        Circuit circuit = Opened();
        circuit.TryEnter(10, force: false, out bool probe).ShouldBeTrue();
        probe.ShouldBeTrue();
        circuit.TryEnter(11, force: false, out probe).ShouldBeFalse();
        probe.ShouldBeFalse();
        circuit.TryEnter(12, force: true, out probe).ShouldBeTrue();
        probe.ShouldBeTrue();
        circuit.Leave();
        circuit.IsProbing.ShouldBeTrue();
        circuit.Leave();
        circuit.TryEnter(13, force: false, out probe).ShouldBeTrue();
        probe.ShouldBeTrue();
    }

    [Fact]
    public void A_probe_that_goes_well_closes_it_and_one_that_fails_opens_it_again()
    {
        Circuit circuit = Opened();
        circuit.TryEnter(10, force: false, out _);
        circuit.Open(until: 30, rateLimited: false);
        circuit.Leave();
        circuit.Openings.ShouldBe(2);
        circuit.TryEnter(30, force: false, out _).ShouldBeTrue();
        circuit.Close(40);
        circuit.Leave();
        (circuit.Until, circuit.Openings, circuit.IsProbing).ShouldBe((0, 0, false));
    }

    [Fact]
    public void A_probe_that_is_answered_lets_the_others_back_and_forgets_nothing_before_it_has_ended_well()
    {
        Circuit circuit = Opened();
        circuit.Answers(11);
        circuit.Until.ShouldBe(10, "nobody tries it: what answers now was asked before");
        circuit.TryEnter(12, force: false, out _);
        circuit.Answers(13);
        circuit.Until.ShouldBe(0);
        circuit.Openings.ShouldBe(1);
        circuit.Open(until: 50, rateLimited: false);
        circuit.Openings.ShouldBe(2);
    }

    [Fact]
    public void A_probe_that_goes_well_does_not_close_what_was_opened_again_meanwhile()
    {
        Circuit circuit = Opened();
        circuit.TryEnter(10, force: false, out _);
        circuit.Open(until: 99, rateLimited: false);
        circuit.Close(20);
        circuit.Answers(20);
        circuit.Until.ShouldBe(99);
    }

    [Fact]
    public void Of_many_calls_that_come_at_once_one_is_the_probe()
    {
        for (int round = 0; round < 200; round++)
        {
            Circuit circuit = Opened();
            int probes = 0;
            Parallel.For(0, 8, _ => Interlocked.Add(ref probes, circuit.TryEnter(10, force: false, out bool probe) && probe ? 1 : 0));
            probes.ShouldBe(1);
        }
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_no_probe_is_left_over_and_a_quiet_circuit_can_be_tried()
    {
        for (ulong seed = 1; seed <= 500; seed++)
        {
            var chance = new Seeded(seed);
            var circuit = new Circuit();
            int probing = 0;
            long now = 0;
            for (int step = 0; step < 60; step++)
            {
                now += (long)(chance.NextUnit() * 5);
                switch ((int)(chance.NextUnit() * 5))
                {
                    case 0:
                        circuit.Open(now + (long)(chance.NextUnit() * 10), rateLimited: false);
                        break;
                    case 1:
                        circuit.Answers(now);
                        break;
                    case 2 when probing > 0:
                        circuit.Close(now);
                        circuit.Leave();
                        probing--;
                        break;
                    default:
                        bool alone = probing == 0;
                        circuit.TryEnter(now, force: chance.NextUnit() < 0.1, out bool probe).ShouldBe(probe || alone || circuit.Until == 0 || now < circuit.Until, $"seed {seed}");
                        probing += probe ? 1 : 0;
                        break;
                }

                circuit.IsProbing.ShouldBe(probing > 0, $"seed {seed}");
            }
        }
    }

    private static Circuit Opened()
    {
        var circuit = new Circuit();
        circuit.Open(until: 10, rateLimited: false);
        return circuit;
    }
}
