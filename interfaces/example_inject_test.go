package interfaces_test

import "fmt"

type mailer interface{ Mail(to, text string) error }

// signup gets what it needs from its constructor and knows no implementation.
type signup struct{ mail mailer }

func newSignup(m mailer) *signup { return &signup{m} }

func (s *signup) Welcome(name string) error { return s.mail.Mail(name, "welcome, "+name) }

// printMailer would send in production; sentMails is what a test passes.
type (
	printMailer struct{}
	sentMails   []string
)

func (printMailer) Mail(to, text string) error {
	fmt.Printf("to %s: %s\n", to, text)
	return nil
}

func (s *sentMails) Mail(to, _ string) error {
	*s = append(*s, to)
	return nil
}

func Example_injectConstructor() {
	newSignup(printMailer{}).Welcome("Ada")
	var sent sentMails
	newSignup(&sent).Welcome("Bob")
	fmt.Println("recorded:", sent)
	// Output:
	// to Ada: welcome, Ada
	// recorded: [Bob]
}
